import type { LogHead } from '../../history/factHash.js'
import type { BadFact, LogVerification } from '../../history/verification.js'
import { verify } from '../../history/verify.js'
import { LogCorruptError } from '../../../slices/logErrors.js'
import { plural } from '../../transcript/words.js'
import { LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext, type ExitCode } from '../context.js'
import type { OpenedLog } from '../io.js'
import { watched } from '../progress.js'
import { readJsonFile } from '../readJson.js'
import { readSigningKey } from '../signingKey.js'
import { plain } from '../text.js'

interface Options extends JsonOption {
  readonly keyEnv?: string
  readonly head?: string
}

export const addVerify: AddCommand = (define, context) => {
  define(
    {
      name: 'verify',
      summary: 'Check that a log is whole, replays, and is the one that was written',
      args: LOG,
      notes: `Exits with 1 when something is wrong, and names the first bad place. Without a key or a kept head, whoever can
write the log can make it valid.`,
    },
    async (options: Options, path: string) => {
      const demands = { signingKey: readSigningKey(context, options.keyEnv), head: await readHead(options.head) }
      try {
        return await context.withLog(path, async (opened) => check(context, opened, demands, options))
      } catch (error) {
        if (!(error instanceof LogCorruptError)) throw error
        return tellDamage(context, error, options)
      }
    },
  )
    .option('--key-env <name>', 'every fact must be signed with the key in this environment variable')
    .option('--head <file>', 'the log must lead to the head in this file: {"seq":312,"hash":"..."}')
}

interface Demands {
  readonly signingKey: string | undefined
  readonly head: LogHead | undefined
}

async function check(
  context: CliContext,
  opened: OpenedLog,
  demands: Demands,
  { json }: JsonOption,
): Promise<ExitCode> {
  const verification = await verify(watched(opened.log.read(), progressOf(context, opened)), demands)
  if (json) await context.json(verification)
  else await print(context, verification)
  return verification.valid ? 0 : 1
}

/** The store found it when it opened the log. */
async function tellDamage(
  context: CliContext,
  { position, reason }: LogCorruptError,
  { json }: JsonOption,
): Promise<ExitCode> {
  const seq = position.seq ?? null
  const firstBad = { seq, problem: 'unreadable', detail: reason, position }
  if (json)
    await context.json({ valid: false, facts: null, stateHash: null, chain: null, firstBad, timeReversals: null })
  else
    await context.line(
      context.colors.red(badLine({ problem: 'unreadable', detail: reason, position, ...(seq !== null && { seq }) })),
    )
  return 1
}

async function print({ line, colors }: CliContext, verification: LogVerification): Promise<void> {
  const { valid, facts, stateHash, chain, firstBad, timeReversals } = verification
  await line(
    valid ? colors.green(`valid: ${plural(facts, 'fact')}`) : `${plural(facts, 'fact')} before the first bad one`,
  )
  await line(`state  ${stateHash}`)
  await line(`chain  ${CHAINS[chain]}`)
  if (timeReversals > 0) await line(`times  go back ${plural(timeReversals, 'time')}`)
  if (firstBad) await line(colors.red(badLine(firstBad)))
}

const CHAINS = {
  none: 'none: changes that leave facts well-formed would go unnoticed',
  hashed: 'every fact is sealed to those before it; signatures were not checked',
  signed: 'every fact is sealed to those before it and signed with the key',
} as const

function badLine({ seq, problem, detail, position }: Omit<BadFact, 'seq'> & { readonly seq?: number }): string {
  const places = [
    seq === undefined ? '' : `fact ${seq}`,
    position?.line === undefined ? '' : `line ${position.line}`,
    position?.offset === undefined ? '' : `byte ${position.offset}`,
  ]
  return plain(`damaged at ${places.filter(Boolean).join(', ') || 'an unknown place'}: ${problem}, ${detail}`)
}

async function readHead(path: string | undefined): Promise<LogHead | undefined> {
  return path === undefined ? undefined : ((await readJsonFile(path, '--head')) as LogHead)
}
