import { Argument, Command, InvalidArgumentError } from 'commander'
import type { CliContext, ExitCode } from './context.js'

/** Adds one command. What its action returns is the exit code of the program. */
export type AddCommand = (define: DefineCommand, context: CliContext) => void

export type DefineCommand = (spec: CommandSpec, run: Run) => Command

/** Gets the options and the arguments as the command declares them. */
type Run = (options: never, ...args: never[]) => Promise<ExitCode>

export interface JsonOption {
  readonly json?: true
}

interface CommandSpec {
  readonly name: string
  readonly summary: string
  /** Shown below the options. */
  readonly notes?: string
  /** Such as `<log>`, each with what it is. */
  readonly args: Readonly<Record<string, string>>
}

/** @param done - Told the exit code. */
export function defineCommands(program: Command, done: (code: ExitCode) => void): DefineCommand {
  return (spec, run) => {
    const command = program.command(spec.name).summary(spec.summary).description(`${spec.summary}.`)
    for (const [name, words] of Object.entries(spec.args)) command.addArgument(new Argument(name, words))
    command.option('--json', 'print JSON')
    if (spec.notes) command.addHelpText('after', `\n${spec.notes}`)
    return command.action(async (...given: unknown[]) => {
      const [options, args] = [given.at(-2), given.slice(0, -2)]
      done(await run(options as never, ...(args as never[])))
    })
  }
}

export const LOG = { '<log>': 'a log: a .jsonl file or a SQLite database' }

/** For options that count or number something. */
export function integerFrom(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      const range = most < Number.MAX_SAFE_INTEGER ? `${least} to ${most}` : least
      throw new InvalidArgumentError(`It must be an integer from ${range}.`)
    }
    return value
  }
}

export function amountFrom0(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It must be a finite number from 0.')
  return value
}
