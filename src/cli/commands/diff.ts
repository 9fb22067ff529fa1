import { formatCost } from '../../../slices/rules/prices.js'
import { diff } from '../../history/diff.js'
import type { AlignedFact, FactAt, RunDiff, RunOutcome } from '../../history/runDiff.js'
import { differenceWithoutContent, stateWithoutContent, withoutContent } from '../../transcript/content.js'
import { describeFact } from '../../transcript/describe.js'
import { plural } from '../../transcript/words.js'
import { CliError } from '../cliError.js'
import type { AddCommand, JsonOption } from '../command.js'
import { progressOf, type CliContext, type ExitCode } from '../context.js'
import type { OpenedLog } from '../io.js'
import { watched } from '../progress.js'
import { sessionIdOf } from '../../transcript/step.js'
import { jsonText, plain } from '../text.js'

interface Options extends JsonOption {
  readonly threadA?: string
  readonly threadB?: string
  readonly content?: true
}

export const addDiff: AddCommand = (define, context) => {
  define(
    {
      name: 'diff',
      summary: 'Compare two logs, or two threads',
      args: { '<a>': 'a log', '[b]': 'another log (default: the same one, with --thread-a and --thread-b)' },
      notes: `What happened is compared, and not when. Exits with 1 when it differs. In the output, - is what only a has, + what
only b has, and ~ what is in both with something else in it.`,
    },
    async (options: Options, a: string, b?: string) => {
      if (b === undefined && (options.threadA === undefined || options.threadB === undefined)) {
        throw new CliError('diff needs two logs, or one log with --thread-a and --thread-b')
      }
      return context.withLog(a, async (openedA) =>
        context.withLog(b ?? a, async (openedB) => compare(context, openedA, openedB, options)),
      )
    },
  )
    .option('--thread-a <id>', 'of a, only this thread')
    .option('--thread-b <id>', 'of b, only this thread')
    .option('--content', 'also print what was said, as far as it is in the log')
}

async function compare(context: CliContext, a: OpenedLog, b: OpenedLog, options: Options): Promise<ExitCode> {
  const read = (opened: OpenedLog) => watched(opened.log.read(), progressOf(context, opened))
  const found = await diff(read(a), read(b), { a: { threadId: options.threadA }, b: { threadId: options.threadB } })
  const shown = options.content ? found : hideContent(found)
  if (options.json) await context.json({ ...shown, facts: shown.facts.filter(isDifferent) })
  else await print(context, shown)
  return found.identical ? 0 : 1
}

function isDifferent({ kind }: AlignedFact): boolean {
  return kind !== 'same'
}

function hideContent(found: RunDiff): RunDiff {
  const { firstDivergence, outcome, sessions } = found
  const told = stateWithoutContent({ outcome, sessions }) as Pick<RunDiff, 'outcome' | 'sessions'>
  const facts = found.facts.map((aligned) => {
    const { a, b, changes } = aligned
    return {
      ...aligned,
      ...(a && { a: hideFact(a) }),
      ...(b && { b: hideFact(b) }),
      ...(a && changes && { changes: changes.map((change) => differenceWithoutContent(a.fact, change)) }),
    }
  })
  if (!firstDivergence) return { ...found, ...told, facts }
  const { index, path, expected, actual, a, b } = firstDivergence
  const fact = (a ?? b)?.fact
  const hidden = fact && differenceWithoutContent(fact, { path, a: expected, b: actual })
  const values = { expected: hidden?.a ?? null, actual: hidden?.b ?? null }
  const both = { a: a && hideFact(a), b: b && hideFact(b) }
  return { ...found, ...told, facts, firstDivergence: { index, path, ...both, ...values } }
}

function hideFact({ seq, fact }: FactAt): FactAt {
  return { seq, fact: withoutContent(fact) as FactAt['fact'] }
}

async function print(context: CliContext, found: RunDiff): Promise<void> {
  const { line, colors } = context
  if (found.identical) {
    await line(colors.green(`the same happened in both: ${plural(found.facts.length, 'fact')}`))
    return
  }
  await printDivergence(context, found)
  await line()
  const different = found.facts.filter(isDifferent)
  await line(`${plural(different.length, 'fact')} of ${found.facts.length} differ`)
  for (const aligned of different) await printAligned(context, aligned)
  await line()
  await context.table(OUTCOME_COLUMNS, outcomeRows(found))
}

async function printDivergence({ line, colors }: CliContext, { firstDivergence }: RunDiff): Promise<void> {
  if (!firstDivergence) return
  const { a, b, path, expected, actual } = firstDivergence
  if (a && b) {
    await line(`they part at a ${a.seq}, b ${b.seq}: ${plain(path)}`)
    await line(colors.red(`- ${jsonText(expected)}`))
    await line(colors.green(`+ ${jsonText(actual)}`))
  } else if (a) await line(`they part at a ${a.seq}, which only a has`)
  else if (b) await line(`they part at b ${b.seq}, which only b has`)
}

async function printAligned({ line, colors }: CliContext, { kind, a, b, changes = [] }: AlignedFact): Promise<void> {
  if (kind === 'only_a' && a) return line(colors.red(`- a ${factLine(a)}`))
  if (kind === 'only_b' && b) return line(colors.green(`+ b ${factLine(b)}`))
  if (!a || !b) return
  await line(`~ a ${a.seq}, b ${factLine(b)}`)
  for (const { path, ...values } of changes) {
    await line(`    ${plain(path)}: ${sideOf(values, 'a')} -> ${sideOf(values, 'b')}`)
  }
}

function factLine({ seq, fact }: FactAt): string {
  const session = sessionIdOf(fact)
  return plain(`${seq} ${session === null ? '' : `${session} `}${describeFact(fact, { prices: null, tookMs: null })}`)
}

function sideOf(values: { readonly a?: unknown; readonly b?: unknown }, side: 'a' | 'b'): string {
  return side in values ? jsonText(values[side] ?? null) : 'nothing'
}

const OUTCOME_COLUMNS = [
  { title: '' },
  { title: 'a', align: 'right' },
  { title: 'b', align: 'right' },
  { title: 'b - a', align: 'right' },
] as const

const COUNTS = [
  'sessions',
  'turns',
  'tools',
  'inputTokens',
  'outputTokens',
] as const satisfies readonly (keyof RunOutcome)[]
const NAMES = { sessions: 'sessions', turns: 'turns', tools: 'tools', inputTokens: 'in', outputTokens: 'out' } as const

function outcomeRows({ cost, outcome: { a, b } }: RunDiff) {
  const counts = COUNTS.map((name) => [NAMES[name], a[name], b[name], signed(b[name] - a[name], String)])
  return [
    ['outcome', a.status ?? '-', b.status ?? '-', ''],
    ...counts,
    ['cost', formatCost(cost.a), formatCost(cost.b), signed(cost.differenceUsd, formatCost)],
  ]
}

function signed(difference: number, format: (amount: number) => string): string {
  const sign = difference < 0 ? '-' : '+'
  return difference === 0 ? '' : `${sign}${format(Math.abs(difference))}`
}
