import type { Fact } from '../../../slices/fact.js'
import { assertArgument } from '../../../slices/rules/errors.js'
import { canonicalJson } from '../../../slices/rules/json.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import { comparable, type Names } from '../../history/comparable.js'
import { RunReader, statusOf, type SessionRun, type SessionStatus } from '../../history/run.js'
import type { MemoryLog } from '../../log/memory.js'
import { contentOf, withoutContent } from '../../transcript/content.js'
import { describeFact } from '../../transcript/describe.js'
import { idsThatStay } from './keptIds.js'
import { nameSessions } from './sessionNames.js'

/** What a runtime recorded, in a form for snapshots: however its sessions overlapped, it is the same. */
export interface ActionLog {
  readonly kind: 'action_log'
  /** By role, thread and what they did. A session that was handed off to follows the one that did it. */
  readonly sessions: readonly LoggedSession[]
  /** What belongs to no session: how the runtime was configured, mostly. Empty unless it was asked for. */
  readonly runtime: readonly LoggedAction[]
}

export interface LoggedSession {
  /** Its role, and its thread if it has one: `writer in user-42:essay`. A number tells those apart that share both: `writer #2`. */
  readonly name: string
  readonly role: string
  readonly phase: string
  readonly threadId: string | null
  readonly projectId: number | null
  /** `parked`: its process went down, and nobody has taken it up again. */
  readonly status: SessionStatus
  /** In the order in which they were recorded. */
  readonly actions: readonly LoggedAction[]
}

/** A fact without what says when it was recorded, and by which runtime. */
export interface LoggedAction {
  readonly type: string
  /** Without its session. Other sessions have their names for ids; prices are written out; waits are left out. */
  readonly payload: Readonly<Record<string, unknown>>
  /** In words, on one line. */
  readonly text: string
  /** What was said to a model, a tool or a person, or by one: a line for each field. Only if it was asked for. */
  readonly said?: readonly string[]
  /** Since the first fact of its session, or of the runtime, in milliseconds. Only if it was asked for. */
  readonly atMs?: number
}

export interface ActionLogOptions {
  /** Whether it tells what was said to models, tools and people, and by them, as far as the log knows. Default false. */
  readonly content?: boolean | undefined
  /** Whether it tells when. Then it differs where the times do. Default false. */
  readonly times?: boolean | undefined
  /** Whether it tells what belongs to no session. Default false. */
  readonly runtime?: boolean | undefined
}

/** A runtime whose log is in memory, or facts from anywhere. */
export type ActionSource = Pick<AgentRuntime<MemoryLog>, 'log'> | Iterable<Fact>

/**
 * What was recorded, grouped by session, without times, sequence numbers and ids: two runs that did the same give the same log.
 *
 * @throws {InvalidArgumentError} It is neither a runtime with a log in memory nor facts.
 * @throws {LogCorruptError} Facts are missing at the beginning or in between.
 * @example
 * expect(actionLog(runtime)).toMatchSnapshot()
 */
export function actionLog(source: ActionSource, options: ActionLogOptions = {}): ActionLog {
  const reader = new RunReader()
  for (const fact of factsOf(source)) reader.add(fact)
  const { sessions, shared, prices } = reader.run
  const kept = idsThatStay(shared, sessions)
  const read = (facts: readonly Fact[], names: ReadonlyMap<string, string>) =>
    facts.map((fact) => loggedAction(fact, facts[0], { sessions: names, threadId: null, prices }, options))
  const { order, names } = nameSessions(sessions, (run, names) => read(run.facts, new Map([...kept, ...names])))
  return {
    kind: 'action_log',
    sessions: order.map((run) => loggedSession(run, names, read(run.facts, new Map([...kept, ...names])))),
    runtime: options.runtime ? read(shared, kept) : [],
  }
}

/** Whether it is what {@link actionLog} returns. */
export function isActionLog(value: unknown): value is ActionLog {
  return typeof value === 'object' && value !== null && (value as Partial<ActionLog>).kind === 'action_log'
}

function factsOf(source: ActionSource): Iterable<Fact> {
  const fits =
    typeof source === 'object' && (source as object | null) !== null && (isIterable(source) || hasFacts(source))
  assertArgument(fits, 'source', source, 'a runtime whose log is in memory, or facts')
  return isIterable(source) ? source : source.log.facts()
}

function isIterable(source: ActionSource): source is Iterable<Fact> {
  return Symbol.iterator in source
}

/** A log on a disk has none at hand. */
function hasFacts({ log }: { readonly log?: Partial<MemoryLog> }): boolean {
  return typeof log?.facts === 'function'
}

function loggedSession(
  { id, session }: SessionRun,
  names: ReadonlyMap<string, string>,
  actions: readonly LoggedAction[],
): LoggedSession {
  const { role, phase, threadId, projectId } = session
  return { name: names.get(id) ?? role, role, phase, threadId, projectId, status: statusOf(session), actions }
}

function loggedAction(
  fact: Fact,
  first: Fact | undefined,
  names: Names,
  { content = false, times = false }: ActionLogOptions,
): LoggedAction {
  const { type, payload } = comparable(content ? fact : withoutContent(fact), names) as LoggedAction
  const { sessionId: _, ...about } = payload
  const { price, waitedMs } = fact.payload as Readonly<Record<string, unknown>>
  const { origin, ...meta } = fact.meta
  const described = { type, payload: { ...about, price, waitedMs }, meta }
  const said = content ? contentOf(fact).map(([field, value]) => `${field}: ${canonicalJson(value)}`) : []
  return {
    type,
    payload: about,
    text: `${describeFact(described, { prices: names.prices, tookMs: null, waits: times })}${origin === undefined ? '' : ' (copy)'}`,
    ...(said.length > 0 && { said }),
    ...(times && { atMs: fact.meta.at - (first ?? fact).meta.at }),
  }
}
