import { once } from 'node:events'
import { isatty } from 'node:tty'
import type { EventLog } from '../log/eventLog.js'

/** What the program is connected to. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Unix ms. */
  now(): number
  /** @throws {CliError | LogCorruptError | LogVersionError} One line says what is wrong with it. */
  openLog(path: string): Promise<OpenedLog>
  /** Settles when the user, or the system, asks the program to end. For commands that run until then. */
  interrupted(): Promise<void>
}

/** SIGINT, as Ctrl-C sends it, or SIGTERM. The second one ends the process at once. */
export function untilInterrupted(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const
  return new Promise((resolve) => {
    const end = () => {
      for (const signal of signals) process.off(signal, end)
      resolve()
    }
    for (const signal of signals) process.on(signal, end)
  })
}

export interface Output {
  readonly isTerminal: boolean
  /**
   * What is written may be kept back until `flush`.
   *
   * @throws {OutputClosedError} Nobody reads any more.
   */
  write(text: string): Promise<void> | undefined
  flush(): Promise<void> | undefined
}

export type LogFormat = 'jsonl' | 'sqlite'

/** A log that is open for reading. */
export interface OpenedLog {
  readonly path: string
  readonly format: LogFormat
  readonly log: EventLog
  /** What is odd about it and no error, a sentence each. */
  readonly notes: readonly string[]
}

/** Whoever read the output has left, as `head` does. Not an error: there is nobody to tell. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
}

const FLUSH_AT = 1 << 15

/** A stream of the process. Gathers what is written, because a system call for each line would take most of the time. */
export function outputOf(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  let gathered = ''
  let failure: NodeJS.ErrnoException | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => (failure = error))

  async function flush(): Promise<void> {
    const text = gathered
    gathered = ''
    if (text !== '' && !stream.write(text) && !stream.errored && !stream.destroyed) {
      await Promise.race([once(stream, 'drain'), once(stream, 'close')])
    }
    const error = failure ?? (stream.errored as NodeJS.ErrnoException | null | undefined)
    if (error?.code === 'EPIPE') throw new OutputClosedError()
    if (error) throw error
  }

  return {
    // Not `isTTY`, which is missing where there is none.
    isTerminal: isatty(stream.fd),
    write(text) {
      gathered += text
      return gathered.length >= FLUSH_AT ? flush() : undefined
    },
    flush,
  }
}
