import pc from 'picocolors'
import type { Io, OpenedLog } from './io.js'
import { createProgress, silent } from './progress.js'
import { tableLines, type Cell, type Column } from './table.js'
import { jsonText, plain } from './text.js'

/** 0: fine. 1: the answer is bad news. 2: wrong use, or input that cannot be read. */
export type ExitCode = 0 | 1 | 2

/** What the commands are made of. */
export interface CliContext {
  readonly io: Io
  readonly colors: ReturnType<typeof pc.createColors>
  /** A line as it is: what of it comes from a log was escaped. */
  line(text?: string): Promise<void> | undefined
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Promise<void>
  /** One document. */
  json(value: unknown): Promise<void> | undefined
  /** One document a line. */
  jsonLine(value: unknown): Promise<void> | undefined
  /** For people, beside the output. */
  note(text: string): void
  /**
   * Runs with a log that is open for reading, and closes it.
   *
   * @throws {CliError | LogCorruptError | LogVersionError}
   */
  withLog(path: string, use: (opened: OpenedLog) => Promise<ExitCode>): Promise<ExitCode>
}

export const PROGRAM = 'redux-agent-runtime'

export function createContext(io: Io): CliContext {
  const { stdout, stderr, env } = io
  const colors = pc.createColors(stdout.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb')
  const line = (text = '') => stdout.write(`${text}\n`)
  const note = (text: string) => void stderr.write(`${PROGRAM}: ${plain(text)}\n`)
  return {
    io,
    colors,
    line,
    note,
    async table(columns, rows) {
      for (const text of tableLines(columns, rows, colors.dim)) await line(text)
    },
    json: (value) => line(jsonText(value, 2)),
    jsonLine: (value) => line(jsonText(value)),
    async withLog(path, use) {
      const opened = await io.openLog(path)
      for (const text of opened.notes) note(text)
      try {
        return await use(opened)
      } finally {
        await opened.log.close()
      }
    },
  }
}

/** A bar over the facts of a log. */
export function progressOf({ io }: CliContext, { log }: OpenedLog) {
  return log.head() > 0 ? createProgress(io, log.head()) : silent
}
