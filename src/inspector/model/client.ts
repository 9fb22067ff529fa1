import type { Fact } from '../../../slices/fact.js'
import { isRuntimeError } from '../../../slices/rules/errors.js'
import { RunBuilder, type Run } from './run.js'

/** One of the logs that the server serves. */
export interface ServedLog {
  /** Its place: 0, or 1 for the one to compare with. */
  readonly index: number
  /** The name of its file. */
  readonly name: string
  readonly format: 'jsonl' | 'sqlite'
  /** How many it held when the server was asked. */
  readonly facts: number
  /** Whether what was said is served as well. If not, `[content …]` stands there, the same for what was the same. */
  readonly content: boolean
  /** What is odd about it and no error, a sentence each. */
  readonly notes: readonly string[]
}

export interface InspectorClient {
  /** @throws {InspectorError} */
  logs(): Promise<readonly ServedLog[]>
  /**
   * Reads a log up to its end, or to where it is damaged.
   *
   * @param onProgress - Told how many facts were read, and of how many.
   * @throws {InspectorError | LogCorruptError | LogVersionError} Not even its first fact can be read.
   */
  load(log: ServedLog, onProgress?: (facts: number, of: number) => void): Promise<Run>
}

/** The server could not say what it was asked. The message is one line for people. */
class InspectorError extends Error {
  override readonly name = 'InspectorError'
}

/** How to reach the server that served the page. */
interface ClientOptions {
  /** Default: that of the page. */
  readonly origin?: string | undefined
  /** From the fragment of the page's address. */
  readonly token: string
}

/** @param fragment - `location.hash` of the page. */
export function tokenOf(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('token') ?? ''
}

export function createClient({ origin = '', token }: ClientOptions): InspectorClient {
  const headers = { Authorization: `Bearer ${token}` }
  async function ask(path: string): Promise<Response> {
    const response = await fetch(`${origin}${path}`, { headers })
    if (!response.ok) throw new InspectorError((await response.text()).trim())
    return response
  }
  return {
    logs: async () => (await (await ask('/api/logs')).json()) as readonly ServedLog[],
    async load({ index, facts }, onProgress) {
      const response = await ask(`/api/logs/${index}/facts`)
      const of = Number(response.headers.get('Fact-Count') ?? facts)
      const builder = new RunBuilder()
      let damage: string | null = null
      try {
        for await (const lines of linesOf(response)) {
          for (const line of lines) {
            builder.add(factOf(line))
            if (builder.count % 1_000 === 0) onProgress?.(builder.count, of)
          }
        }
      } catch (error) {
        if (builder.count === 0 || !isDamage(error)) throw error
        damage = error.message
      }
      onProgress?.(builder.count, of)
      return builder.finish(damage)
    },
  }
}

/** What the server says of the log, or what its facts do not fit. An answer that broke off is none. */
function isDamage(error: unknown): error is Error {
  return error instanceof InspectorError || isRuntimeError(error)
}

function factOf(line: string): Fact {
  const parsed = JSON.parse(line) as Fact | { readonly error: string }
  if ('error' in parsed) throw new InspectorError(parsed.error)
  return parsed
}

/** Whole lines, as many as have come. */
async function* linesOf({ body }: Response): AsyncGenerator<readonly string[], void, undefined> {
  // Not every browser iterates over streams.
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let rest = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = `${rest}${read.value}`.split('\n')
    rest = lines.pop() ?? ''
    yield lines
  }
  if (rest !== '') yield [rest]
}
