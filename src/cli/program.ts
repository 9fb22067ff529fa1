import { Command, CommanderError } from 'commander'
import { AgentRuntimeError, isRuntimeError } from '../../slices/rules/errors.js'
import { CliError } from './cliError.js'
import { defineCommands, type AddCommand } from './command.js'
import { addConvert } from './commands/convert.js'
import { addDevtools } from './commands/devtools.js'
import { addDiff } from './commands/diff.js'
import { addExport } from './commands/export.js'
import { addFork } from './commands/fork.js'
import { addInspect } from './commands/inspect.js'
import { addLs } from './commands/ls.js'
import { addReplay } from './commands/replay.js'
import { addShow } from './commands/show.js'
import { addStats } from './commands/stats.js'
import { addVerify } from './commands/verify.js'
import { addWhatIf } from './commands/whatIf.js'
import { createContext, PROGRAM, type CliContext, type ExitCode } from './context.js'
import { OutputClosedError, type Io } from './io.js'
import { systemReason } from './systemReason.js'

const commands: readonly AddCommand[] = [
  addLs,
  addShow,
  addReplay,
  addVerify,
  addDiff,
  addFork,
  addWhatIf,
  addStats,
  addExport,
  addConvert,
  addInspect,
  addDevtools,
]

const NOTES = `
Logs are recognised by their content, and opened for reading only. Times are UTC.
What was said is printed only with --content: questions, answers, results, details and reasons.
Without it, [content] stands there.

Exit codes: 0 fine; 1 the answer is bad news; 2 wrong use, or input that cannot be read.`

/**
 * The program.
 *
 * @param argv - Without the program itself.
 * @returns Its exit code. Never throws.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const context = createContext(io)
  let code: ExitCode = 0
  try {
    await createProgram(context, (told) => (code = told)).parseAsync(argv, { from: 'user' })
    await io.stdout.flush()
  } catch (error) {
    code = await report(context, error, code)
  }
  await Promise.resolve(io.stderr.flush()).catch(() => undefined)
  return code
}

function createProgram(context: CliContext, done: (code: ExitCode) => void): Command {
  const { stdout, stderr } = context.io
  const program = new Command(PROGRAM)
    .description('Reads the logs of redux-agent-runtime.')
    .addHelpText('after', NOTES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Told by `report`, on one line.
      outputError: () => undefined,
    })
  const define = defineCommands(program, done)
  for (const add of commands) add(define, context)
  return program
}

async function report(context: CliContext, error: unknown, code: ExitCode): Promise<ExitCode> {
  // Whoever reads has left, and may have seen what they wanted.
  if (error instanceof OutputClosedError) return code
  const isHelp = error instanceof CommanderError && error.exitCode === 0
  // What was printed before stays true.
  await Promise.resolve(context.io.stdout.flush()).catch(() => undefined)
  if (isHelp) return 0
  if (!(error instanceof CommanderError && error.code === 'commander.help')) context.note(messageOf(error))
  return 2
}

function messageOf(error: unknown): string {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '').replaceAll('\n', ' ')
  if (error instanceof CliError || isRuntimeError(error)) return withCause(error)
  return systemReason(error)
}

function withCause(error: CliError | AgentRuntimeError): string {
  return error.cause === undefined ? error.message : `${error.message}: ${systemReason(error.cause)}`
}
