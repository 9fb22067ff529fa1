import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pc from 'picocolors'

export interface Options {
  /** Takes one line of output. */
  readonly write: (line: string) => void
  /** Default false. */
  readonly color?: boolean
}

/**
 * Runs an example when its file is the program, and not when it is only imported.
 *
 * @param url - The example's `import.meta.url`.
 */
export async function runAsProgram(url: string, main: (options: Options) => Promise<unknown>): Promise<void> {
  const [, script = ''] = process.argv
  if (!existsSync(script) || realpathSync(script) !== fileURLToPath(url)) return
  await main({ write: (line) => console.log(line), color: pc.isColorSupported }).catch((error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  })
}
