import { formatCost } from '../../../slices/rules/prices.js'
import { selectActiveSessions, selectPendingHandoffs, selectSession } from '../../../slices/sessions.js'
import { initialState, type RuntimeState } from '../../../slices/state.js'
import { selectSummary, type SessionSummary } from '../../../slices/summary.js'
import { summarizeUsage } from '../../../slices/usage.js'
import { detailWithoutContent, stateWithoutContent } from '../../transcript/content.js'
import { sessionsByStatus } from '../../transcript/statistics.js'
import { CliError } from '../cliError.js'
import { integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import type { OpenedLog } from '../io.js'
import { modelTable } from '../models.js'
import { steps } from '../scan.js'
import { formatInstant, plain } from '../text.js'

interface Options extends JsonOption {
  readonly until?: number
  readonly session?: string
  readonly content?: true
}

/** A state, and the time it is of, in Unix ms. */
interface Moment {
  readonly state: RuntimeState
  readonly at: number
}

export const addReplay: AddCommand = (define, context) => {
  define(
    {
      name: 'replay',
      summary: 'Print the state after a fact',
      args: LOG,
      notes: 'Nothing but reducers runs: no model and no tool is called.',
    },
    async (options: Options, path: string) =>
      context.withLog(path, async (opened) => {
        const moment = await replayUntil(context, opened, options.until)
        if (options.session === undefined) await printState(context, moment, options)
        else await printSession(context, moment, options.session, options)
        return 0
      }),
  )
    .option('--until <seq>', 'the last fact that counts (default: the last of the log)', integerFrom(0))
    .option('--session <id>', 'only this session')
    .option('--content', 'with --json: also what was said, as far as it is in the log')
}

async function replayUntil(context: CliContext, opened: OpenedLog, until?: number): Promise<Moment> {
  const head = opened.log.head()
  if (until !== undefined && until > head) throw new CliError(`--until ${until}: ${opened.path} ends with fact ${head}`)
  let moment: Moment = { state: initialState, at: 0 }
  for await (const { fact, state } of steps(opened, progressOf(context, opened))) {
    if (fact.meta.seq > (until ?? head)) break
    moment = { state, at: fact.meta.at }
  }
  return moment
}

async function printState(context: CliContext, { state, at }: Moment, { json, content }: Options): Promise<void> {
  if (json) return context.json(content ? state : stateWithoutContent(state))
  const { sessions, pricing, breakers } = state
  const usage = summarizeUsage(sessions.scopes.runtime.usage, pricing)
  await pairs(context, [
    ['fact', String(state.seq)],
    ['at', state.seq === 0 ? '-' : formatInstant(at)],
    ['sessions', describeSessions(state)],
    ['turns', counts(sessions.scopes.runtime.turns)],
    ['tools', counts(sessions.scopes.runtime.tools)],
    ['cost', usage.formattedCost],
    ['no price for', usage.unpricedModels.join(', ')],
    [
      'breakers',
      Object.values(breakers)
        .map(({ name, state }) => `${name} ${state}`)
        .join(', '),
    ],
    ['handoffs', amount(selectPendingHandoffs(state).length, 'not picked up')],
    ['requests', amount(pendingRequests(state), 'not answered')],
  ])
  await modelTable(context, usage.models)
}

function pendingRequests(state: RuntimeState): number {
  return selectActiveSessions(state).reduce((sum, { requests }) => sum + requests.pending.length, 0)
}

/** Nothing when there are none. */
function amount(count: number, words: string): string {
  return count === 0 ? '' : `${count} ${words}`
}

function describeSessions(state: RuntimeState): string {
  const parts = Object.entries(sessionsByStatus(state)).map(([status, count]) => `${count} ${status}`)
  return parts.join(', ') || 'none'
}

async function printSession(
  context: CliContext,
  { state, at }: Moment,
  id: string,
  { json, content }: Options,
): Promise<void> {
  if (!selectSession(state, id)) throw new CliError(`no session ${id} is in the state after fact ${state.seq}`)
  const summary = selectSummary(state, id, at)
  if (json) return context.json(content ? summary : stateWithoutContent(summary))
  await pairs(context, sessionPairs(summary))
  await modelTable(context, summary.usage.models)
}

function sessionPairs(summary: SessionSummary): [string, string][] {
  const { threadId, projectId, status, budget, breaker, usage, inFlight } = summary
  const detail = detailWithoutContent(summary)
  return [
    ['session', summary.sessionId],
    ['thread', threadId ?? ''],
    ['project', projectId === null ? '' : String(projectId)],
    ['role', `${summary.role}/${summary.phase}`],
    ['status', detail === null ? status : `${status}: ${detail}`],
    ['opened', formatInstant(summary.openedAt)],
    ['ended', formatInstant(summary.endedAt)],
    ['turns', counts(summary.turns)],
    ['tools', counts(summary.tools)],
    ['in flight', [...inFlight.turns, ...inFlight.tools].join(', ')],
    ['cost', usage.formattedCost],
    ['no price for', usage.unpricedModels.join(', ')],
    ['budget', budget ? `${formatUsd(budget.remainingUsd)} of ${formatUsd(budget.budgetUsd)} left` : ''],
    ['breaker', breaker ? `${breaker.name} ${breaker.state}` : ''],
    ['requests', summary.requests.map(({ requestId, kind }) => `${requestId} (${kind})`).join(', ')],
  ]
}

function formatUsd(amount: number): string {
  return amount < 0 ? `-${formatCost(-amount)}` : formatCost(amount)
}

/** What happened at least once, such as `3 started, 2 completed`. */
function counts(counted: object): string {
  const entries = Object.entries(counted) as [string, unknown][]
  const parts = entries.filter(([, value]) => typeof value === 'number' && value > 0)
  return parts.map(([name, value]) => `${String(value)} ${inWords(name)}`).join(', ') || 'none'
}

/** `failuresInARow` is `failures in a row`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** A line each, without those that say nothing. */
async function pairs(context: CliContext, entries: readonly (readonly [string, string])[]): Promise<void> {
  const told = entries.filter(([, value]) => value !== '')
  const width = Math.max(...told.map(([name]) => name.length))
  for (const [name, value] of told) await context.line(`${context.colors.dim(name.padEnd(width))}  ${plain(value)}`)
}
