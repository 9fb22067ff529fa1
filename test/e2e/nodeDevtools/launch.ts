import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** `redux-agent-runtime devtools`, as it was built. */
export async function launchDevTools(port = 0) {
  const argv = [pathOf('../../../dist/src/cli/main.js'), 'devtools', '--port', String(port)]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithTest(child)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = line.replace('Redux DevTools: ', '')
  return { url, port: Number(new URL(url).port), end: () => end(child, 'SIGTERM') }
}

/** What the store of the agent shows. */
interface Look {
  readonly seq: number
  readonly turns: number
  readonly isLive: boolean
  readonly modelCalls: number
}

type Told = { readonly look: Look; readonly warning?: never } | { readonly warning: string; readonly look?: never }

/** A program with an agent that is connected to DevTools. */
export async function launchAgent(port: number) {
  const child = fork(pathOf('./agent.js'), [String(port)], { execArgv: [] })
  endWithTest(child)
  const warnings: string[] = []
  let last: Look | undefined
  let wake: () => void = () => undefined
  child.on('message', ({ look, warning }: Told) => {
    if (look) last = look
    else warnings.push(warning)
    wake()
  })

  /** Resolves when that is so. */
  async function until(is: (look: Look, warnings: readonly string[]) => boolean): Promise<Look> {
    while (!last || !is(last, warnings)) await new Promise<void>((resolve) => (wake = resolve))
    return last
  }

  const first = await until(() => true)
  return {
    first,
    until,
    do: (command: 'turn' | 'goLive') => void child.send(command),
    /** Leaves it nothing to do. Resolves with its exit code. */
    async leave(): Promise<number | null> {
      const exited = once(child, 'exit')
      child.send('end')
      return ((await exited) as [number | null])[0]
    },
  }
}

function endWithTest(child: ChildProcess): void {
  onTestFinished(async () => {
    await end(child, 'SIGKILL')
  })
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return child.exitCode
}
