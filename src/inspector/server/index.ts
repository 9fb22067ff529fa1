import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OpenedLog } from '../../cli/io.js'
import { startLocalServer } from '../../cli/localServer.js'
import type { ServedLog } from '../model/client.js'
import { asRecorded, factLines, toldOf } from './factLines.js'
import { createWithhold } from './withheld.js'

export interface InspectorServerOptions {
  /** Of the page, built. */
  readonly folder: string
  /** A log, or two to compare. */
  readonly paths: readonly string[]
  /** Asked for each request, so that a page that is loaded again sees what was written meanwhile. */
  readonly openLog: (path: string) => Promise<OpenedLog>
  /** Who does not send it gets no fact. */
  readonly token: string
  /** Whether what was said is served as well. */
  readonly content: boolean
  /** Default: any free one. */
  readonly port?: number | undefined
}

export interface InspectorServer {
  /** With the token in its fragment, which no browser sends on. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves logs and the page that shows them, to this machine only.
 *
 * @throws {CliError} The port is taken, or the page was not built.
 */
export async function startInspector(options: InspectorServerOptions): Promise<InspectorServer> {
  const { folder, paths, openLog, token, content, port } = options
  const withhold = content ? asRecorded : createWithhold(randomBytes(16).toString('hex'))
  const server = await startLocalServer({ folder, port, answer })

  async function answer(request: IncomingMessage, response: ServerResponse, { pathname }: URL): Promise<boolean> {
    if (!pathname.startsWith('/api/')) return false
    if (!isAllowed(request, token))
      return tell(response, 401, 'the address of the page lacks its token: open the one that was printed')
    if (request.method !== 'GET') return false
    if (pathname === '/api/logs') {
      await answerLogs(response)
      return true
    }
    const [, index] = /^\/api\/logs\/(\d)\/facts$/.exec(pathname) ?? []
    const path = index === undefined ? undefined : paths[Number(index)]
    if (path === undefined) return false
    await withLog(response, path, (opened) => sendFacts(response, opened))
    return true
  }

  async function answerLogs(response: ServerResponse): Promise<void> {
    const logs: ServedLog[] = []
    for (const [index, path] of paths.entries()) {
      const isTold = await withLog(response, path, async ({ format, log, notes }) => {
        logs.push({ index, name: basename(path), format, facts: log.head(), content, notes })
      })
      if (!isTold) return
    }
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify(logs))
  }

  async function sendFacts(response: ServerResponse, opened: OpenedLog): Promise<void> {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Fact-Count': opened.log.head() })
    await pipeline(Readable.from(factLines(opened, withhold)), response)
  }

  /** @returns False: the log cannot be opened any more, and that was answered. */
  async function withLog(
    response: ServerResponse,
    path: string,
    use: (opened: OpenedLog) => Promise<void>,
  ): Promise<boolean> {
    let opened: OpenedLog
    try {
      opened = await openLog(path)
    } catch (error) {
      tell(response, 500, toldOf(error))
      return false
    }
    try {
      await use(opened)
    } finally {
      await opened.log.close()
    }
    return true
  }

  return { url: `${server.origin}/#token=${token}`, close: server.close }
}

function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const [given, expected] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function tell(response: ServerResponse, status: number, text: string): true {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
  return true
}
