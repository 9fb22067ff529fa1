import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url))

export interface Served {
  /** With its token. */
  readonly url: string
  /** Interrupts the command, as Ctrl-C does. Resolves to its exit code. */
  close(): Promise<number | null>
}

/** Runs the built command `inspect` over these logs. */
export async function serveInspector(paths: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [CLI, 'inspect', ...paths], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    void exited.then(() => reject(new Error(`inspect has ended: ${printed}`)))
  })
  return {
    url,
    async close() {
      child.kill('SIGINT')
      const [code] = await exited
      return code
    },
  }
}
