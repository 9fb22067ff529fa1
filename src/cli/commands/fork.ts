import type { Fact } from '../../../slices/fact.js'
import { fork, type Fork } from '../../history/fork.js'
import { withHashChain } from '../../history/hashChain.js'
import type { EventLog } from '../../log/eventLog.js'
import { plural } from '../../transcript/words.js'
import { CliError } from '../cliError.js'
import { integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import type { CliContext } from '../context.js'
import { openForWriting } from '../createLog.js'
import type { LogFormat } from '../io.js'
import { readSigningKey } from '../signingKey.js'
import { plain } from '../text.js'

interface Options extends JsonOption {
  readonly thread: string
  readonly at?: number
  readonly as: string
  readonly keyEnv?: string
}

export const addFork: AddCommand = (define, context) => {
  define(
    {
      name: 'fork',
      summary: 'Copy what happened in a thread, up to a fact, into a new thread of the same log',
      args: LOG,
      notes: `No runtime may use the log meanwhile. Run the agent on the new thread: what was copied is not paid for again.
A hash chain goes on through the copies.`,
    },
    async (options: Options, path: string) => {
      const signingKey = readSigningKey(context, options.keyEnv)
      const format = await formatOf(context, path)
      const { thread: threadId, at, as } = options
      const log = await openForWriting(path, format)
      try {
        const forked = await fork(await withItsChain(log, signingKey), { threadId, as, at, clock: context.io })
        if (options.json) await context.json(forked)
        else await print(context, forked)
        return 0
      } finally {
        await log.close()
      }
    },
  )
    .requiredOption('--thread <id>', 'the thread to copy')
    .option('--at <seq>', 'the last fact to copy (default: the last of the thread)', integerFrom(1))
    .requiredOption('--as <id>', 'what the copy is called; the log may have no such thread')
    .option('--key-env <name>', 'the log is signed with the key in this environment variable')
}

/** Opened for reading first: opening for writing would make a log where there is none. */
async function formatOf({ io, note }: CliContext, path: string): Promise<LogFormat> {
  const { format, log, notes } = await io.openLog(path)
  await log.close()
  for (const text of notes) note(text)
  return format
}

/** Facts without a hash would make a log with a hash chain invalid for good. */
async function withItsChain(log: EventLog, signingKey: string | undefined): Promise<EventLog> {
  const first = await firstFact(log)
  if (first?.meta.hash === undefined && signingKey === undefined) return log
  if (first?.meta.signature !== undefined && signingKey === undefined)
    throw new CliError('the facts of this log are signed: name their key with --key-env')
  return withHashChain(log, { signingKey })
}

async function firstFact(log: EventLog): Promise<Fact | undefined> {
  for await (const fact of log.read()) return fact
  return undefined
}

async function print(context: CliContext, { threadId, sessions, facts }: Fork): Promise<void> {
  await context.line(`${plural(facts, 'fact')} copied to thread ${plain(threadId)}`)
  for (const { from, to } of sessions) await context.line(`${from} -> ${to}`)
}
