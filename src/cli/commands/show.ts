import type { Fact } from '../../../slices/fact.js'
import { handoffIssued } from '../../../slices/facts.js'
import { isTerminal } from '../../../slices/rules/lifecycle.js'
import { selectSession } from '../../../slices/sessions.js'
import { summarizeUsage } from '../../../slices/usage.js'
import { contentOf, withoutContent } from '../../transcript/content.js'
import { describeFact } from '../../transcript/describe.js'
import { callCostUsd, isPaidCall } from '../../transcript/paid.js'
import { CliError } from '../cliError.js'
import { integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import type { CliContext } from '../context.js'
import type { OpenedLog } from '../io.js'
import { sessionIdOf, type Step } from '../../transcript/step.js'
import { steps } from '../scan.js'
import { CallSpans } from '../../transcript/spans.js'
import { widthOf } from '../table.js'
import { formatInstant, formatSpent, jsonText, plain } from '../text.js'

interface Options extends JsonOption {
  readonly from?: number
  readonly to?: number
  readonly content?: true
}

/** One fact of a transcript. */
interface Entry {
  readonly step: Step
  /** Since the first fact of the transcript, in milliseconds. */
  readonly offsetMs: number
  readonly tookMs: number | null
  readonly text: string
}

export const addShow: AddCommand = (define, context) => {
  define(
    {
      name: 'show',
      summary: 'Print what happened, a fact a line',
      args: { ...LOG, '[of]': 'only this thread, or only this session' },
      notes: '--json prints a JSON object a line: the fact, offsetMs, tookMs, costUsd and text.',
    },
    async (options: Options, path: string, of?: string) => {
      const { from = 1, to = Infinity } = options
      if (from > to) throw new CliError(`--from ${from} is after --to ${to}`)
      return context.withLog(path, async (opened) => {
        const isEmpty = options.json
          ? await printJson(context, opened, of, options)
          : await printLines(context, opened, of, options)
        if (isEmpty && of !== undefined) throw new CliError(`no thread and no session is called ${of} in ${path}`)
        return 0
      })
    },
  )
    .option('--from <seq>', 'begin with this fact', integerFrom(1))
    .option('--to <seq>', 'end with this fact', integerFrom(1))
    .option('--content', 'also print what was said, as far as it is in the log')
}

async function printJson(context: CliContext, opened: OpenedLog, of: string | undefined, options: Options) {
  let isEmpty = true
  for await (const { step, offsetMs, tookMs, text } of entries(opened, of, options)) {
    isEmpty = false
    if (isBefore(step, options)) continue
    const fact = options.content ? step.fact : withoutContent(step.fact)
    const costUsd = isPaidCall(step.fact) ? callCostUsd(step.fact.payload, step.state.pricing) : null
    await context.jsonLine({ ...fact, offsetMs, tookMs, costUsd, text })
  }
  return isEmpty
}

async function printLines(context: CliContext, opened: OpenedLog, of: string | undefined, options: Options) {
  const widths = { seq: String(opened.log.head()).length, offset: 9, session: 9 }
  let isEmpty = true
  for await (const entry of entries(opened, of, options)) {
    const { fact } = entry.step
    if (isEmpty) await context.line(context.colors.dim(`from ${formatInstant(fact.meta.at)}`))
    isEmpty = false
    if (isBefore(entry.step, options)) continue
    await context.line(lineOf(context, entry, widths))
    if (!options.content) continue
    for (const [field, value] of contentOf(fact))
      await context.line(`${' '.repeat(widths.seq + 2)}${field}: ${jsonText(value)}`)
  }
  if (isEmpty && of === undefined) await context.line('no facts')
  return isEmpty
}

function isBefore({ fact }: Step, { from = 1 }: Options): boolean {
  return fact.meta.seq < from
}

async function* entries(
  opened: OpenedLog,
  of: string | undefined,
  { to = Infinity }: Options,
): AsyncGenerator<Entry, void, undefined> {
  const spans = new CallSpans()
  let startAt: number | undefined
  for await (const step of steps(opened)) {
    const { fact, state } = step
    if (fact.meta.seq > to) return
    const tookMs = spans.add(fact)
    if (of !== undefined && !isAbout(fact, of)) continue
    startAt ??= fact.meta.at
    const text = `${describeFact(fact, { prices: state.pricing, tookMs })}${costAtEnd(step)}`
    yield { step, offsetMs: fact.meta.at - startAt, tookMs, text }
  }
}

function isAbout(fact: Fact, of: string): boolean {
  if (fact.meta.stream === of || sessionIdOf(fact) === of) return true
  return handoffIssued.match(fact) && fact.payload.targetSessionId === of
}

/** What a session cost is told in the fact in which it ends. */
function costAtEnd({ fact, before, state }: Step): string {
  const id = sessionIdOf(fact)
  const [session, was] = id === null ? [] : [selectSession(state, id), selectSession(before, id)]
  if (!session || !was || !isTerminal(session.lifecycle.status) || isTerminal(was.lifecycle.status)) return ''
  return `, ${formatSpent(summarizeUsage(session.usage, state.pricing))} in all`
}

interface Widths {
  readonly seq: number
  offset: number
  session: number
}

/** Columns grow when they must, and stay so: what is printed already cannot be moved. */
function lineOf({ colors }: CliContext, { step: { fact }, offsetMs, text }: Entry, widths: Widths): string {
  const offset = `+${(offsetMs / 1_000).toFixed(3)}s`
  const session = plain(sessionIdOf(fact) ?? '-')
  widths.offset = Math.max(widths.offset, offset.length)
  widths.session = Math.max(widths.session, widthOf(session))
  const seq = String(fact.meta.seq).padStart(widths.seq)
  const columns = [seq, offset.padStart(widths.offset), session + ' '.repeat(widths.session - widthOf(session))]
  return `${colors.dim(columns.join('  '))}  ${'  '.repeat(depthOf(fact))}${painted(colors, fact, plain(text))}`
}

/** Sessions stand left, what they call is inside of them, and what becomes of a call inside of that. */
function depthOf({ type, payload }: Fact): 0 | 1 | 2 {
  if (/^(turns\/(attemptFailed|retried|chunked)|tools\/(attemptFailed|retried)|recovery\/)/.test(type)) return 2
  if (/^(sessions|orchestrators|pricing|breakers|providers|threads|handoffs)\//.test(type)) return 0
  return (payload as { readonly sessionId?: unknown }).sessionId === undefined ? 0 : 1
}

function painted(colors: CliContext['colors'], { type }: Fact, text: string): string {
  if (/\/(failed|attemptFailed|breached|exceeded|interrupted)$/.test(type)) return colors.red(text)
  if (/\/(refused|blocked|cancelled|alerted|parked|requested)$/.test(type)) return colors.yellow(text)
  return type === 'sessions/completed' ? colors.green(text) : text
}
