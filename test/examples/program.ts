import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Options } from '../../examples/support/program.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a command as a shell with the package's own programs would. Rejects when it exits with anything but 0. */
export function shell(command: string, cwd = root): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
  return promisify(execFile)('sh', ['-c', command], { cwd, env })
}

/** Runs an example in this process. */
export async function collect<Runtime>(main: (options: Options) => Promise<Runtime>) {
  const lines: string[] = []
  const runtime = await main({ write: (line) => lines.push(line) })
  return { runtime, lines, output: lines.join('\n') }
}
