import { budget, type Budget } from './budgets.js'
import type { Fact } from './fact.js'
import {
  handoffIssued,
  sessionOpened,
  sessionResumed,
  sessionReturned,
  sessionsEvicted,
  threadsEvicted,
  turnKept,
  type FactPayload,
  type SessionId,
} from './facts.js'
import { gates, type Gates } from './gates.js'
import { governance, type Governance } from './governance.js'
import { inFlight, type InFlight } from './inFlight.js'
import { journal, type Journal } from './journal.js'
import { lifecycle, move, type SessionLifecycle } from './lifecycle.js'
import { limits } from './limits.js'
import { recovery, type Recovery } from './recovery.js'
import { requests, type Requests } from './requests.js'
import { restored, type Restored } from './restored.js'
import type { Handoff } from './rules/handoff.js'
import { numberOf } from './rules/ids.js'
import type { RaisedLimits } from './rules/limits.js'
import { isTerminal, type TerminalStatus } from './rules/lifecycle.js'
import type { PriceList } from './rules/prices.js'
import { deleteRow, emptyTable, getRow, rows, setRow, type Table } from './rules/table.js'
import {
  addToScopes,
  emptyScopes,
  forgetThreads,
  keepReturned,
  leaveThread,
  touchThread,
  type Scopes,
} from './scopes.js'
import { combineSlices, defineSlice, type Mutable } from './slice.js'
import { tools, type Tools } from './tools.js'
import { turns, type Turns } from './turns.js'
import { totalCostUsd, usage, type Usage } from './usage.js'

/** One opened execution of an orchestrator, or a worker that waits for its handoff to be picked up. */
export interface Session extends SessionParts {
  readonly id: SessionId
  /** `null` until a handoff is picked up. */
  readonly orchestratorId: string | null
  readonly role: string
  readonly phase: string
  readonly projectId: number | null
  readonly threadId: string | null
  /** Where its facts go in the log: its thread, or a stream of its own. */
  readonly stream: string
  /** The handoff that this session picks up. */
  readonly handoff: Handoff | null
  /** Unix ms. `null` until a handoff is picked up. */
  readonly openedAt: number | null
  /** Unix ms. */
  readonly endedAt: number | null
}

interface SessionParts {
  readonly lifecycle: SessionLifecycle
  readonly turns: Turns
  readonly tools: Tools
  readonly usage: Usage
  readonly restored: Restored
  readonly inFlight: InFlight
  readonly budget: Budget
  readonly limits: RaisedLimits | null
  readonly governance: Governance
  readonly recovery: Recovery
  readonly requests: Requests
  readonly gates: Gates
  readonly journal: Journal
}

export interface Sessions {
  /** Ever registered. The next one gets this number plus one. */
  readonly count: number
  readonly rows: Table<Session>
  /** Ended sessions with nothing in flight that are still kept, by the order in which that came to be: from `first` up to before `next`. */
  readonly ended: { readonly first: number; readonly next: number; readonly ids: Table<SessionId> }
  /** How many were forgotten, by how they ended. */
  readonly evicted: Readonly<Record<TerminalStatus, number>>
  readonly scopes: Scopes
}

const initial: Sessions = {
  count: 0,
  rows: emptyTable,
  ended: { first: 0, next: 0, ids: emptyTable },
  evicted: { completed: 0, failed: 0, cancelled: 0 },
  scopes: emptyScopes,
}

const parts = combineSlices<SessionParts, Session>(
  {
    lifecycle,
    turns,
    tools,
    usage,
    restored,
    inFlight,
    budget,
    limits,
    governance,
    recovery,
    requests,
    gates,
    journal,
  },
  copySession,
)

/** Each fact of a session reaches the parts of its row that answer to it, in one write to the table. */
export const sessions = defineSlice<Sessions>(initial, (on) => {
  on(sessionOpened, open)
  on(sessionResumed, resume)
  on(sessionReturned, conclude)
  on(handoffIssued, handOff)
  on(sessionsEvicted, evict)
  on(turnKept, keep)
  on(threadsEvicted, (state, { payload }) => withScopes(state, forgetThreads(state.scopes, payload.threadIds)))
  on.rest(parts, answerInRow)
})

type SessionFact = Fact<{ readonly sessionId: SessionId }>

function answerInRow(state: Sessions, fact: SessionFact): Sessions {
  const before = getRow(state.rows, numberOf(fact.payload.sessionId))
  const after = before && parts.answers.get(fact.type)?.(before, fact as Fact<never>)
  if (!after || after === before) return state
  const ended = hasEnded(before, after)
  const next = withRow(state, ended ? { ...after, endedAt: fact.meta.at } : after)
  next.scopes = ended ? leaveThread(state.scopes, after.threadId) : addToScopes(state.scopes, after, fact)
  if (isOver(after) && !isOver(before)) next.ended = appendId(state.ended, after.id)
  return next
}

/** Kept for the thread, and not for the session. */
function keep(state: Sessions, fact: Fact<FactPayload<typeof turnKept>>): Sessions {
  const session = getRow(state.rows, numberOf(fact.payload.sessionId))
  return session ? withScopes(state, addToScopes(state.scopes, session, fact)) : state
}

function open(state: Sessions, fact: Fact<FactPayload<typeof sessionOpened>>): Sessions {
  const { sessionId: id, results: _results, run: _run, ...opened } = fact.payload
  const waiting = getRow(state.rows, numberOf(id))
  const row = { ...(waiting ?? newSession(id)), ...opened, stream: fact.meta.stream, openedAt: fact.meta.at }
  const next = withRow(waiting ? state : { ...state, count: state.count + 1 }, row)
  next.scopes = touchThread(state.scopes, fact)
  return answerInRow(next, fact)
}

/** Whoever takes it up may bring other settings. */
function resume(state: Sessions, fact: Fact<FactPayload<typeof sessionResumed>>): Sessions {
  const { sessionId, orchestratorId } = fact.payload
  const session = getRow(state.rows, numberOf(sessionId))
  return session ? answerInRow(withRow(state, { ...session, orchestratorId }), fact) : state
}

/** The thread keeps what its function returned, even when the session was forgotten. */
function conclude(state: Sessions, fact: Fact<FactPayload<typeof sessionReturned>>): Sessions {
  return answerInRow(withScopes(state, keepReturned(state.scopes, fact)), fact)
}

function handOff(state: Sessions, fact: Fact<FactPayload<typeof handoffIssued>>): Sessions {
  const { sessionId: sourceSessionId, ...issued } = fact.payload
  const handoff: Handoff = { ...issued, sourceSessionId, createdAt: fact.meta.at }
  const target = newSession(issued.targetSessionId)
  const waiting: Session = {
    ...target,
    role: issued.targetRole,
    phase: issued.phase,
    projectId: issued.projectId,
    handoff,
    lifecycle: move(
      target.lifecycle,
      fact.meta.at,
      'initializing',
      `handoff from ${issued.sourceRole}: ${issued.reason}`,
    ),
  }
  const registered = withRow({ ...state, count: state.count + 1 }, waiting)
  const source = getRow(state.rows, numberOf(sourceSessionId))
  // A copy that registers a worker in another thread than that of its source.
  return source && isTerminal(source.lifecycle.status) ? registered : answerInRow(registered, fact)
}

function evict(state: Sessions, { payload }: Fact<FactPayload<typeof sessionsEvicted>>): Sessions {
  let { rows: kept, ended } = state
  const evicted = { ...state.evicted }
  for (const id of payload.sessionIds) {
    const session = getRow(kept, numberOf(id))
    if (!session || !isTerminal(session.lifecycle.status)) continue
    evicted[session.lifecycle.status] += 1
    kept = deleteRow(kept, numberOf(id))
    ended = { ...ended, first: ended.first + 1, ids: deleteRow(ended.ids, ended.first) }
  }
  return { ...state, rows: kept, ended, evicted }
}

function newSession(id: SessionId): Session {
  return {
    id,
    orchestratorId: null,
    role: '',
    phase: '',
    projectId: null,
    threadId: null,
    stream: sessionStream(id, null),
    handoff: null,
    openedAt: null,
    endedAt: null,
    ...parts.initial,
  }
}

/** Names that begin with `@` are the runtime's own. */
export function sessionStream(id: SessionId, threadId: string | null): string {
  return threadId ?? `@${id}`
}

function withScopes(state: Sessions, scopes: Scopes): Sessions {
  return { ...state, scopes }
}

function withRow(state: Sessions, session: Session): Mutable<Sessions> {
  const next = copy(state)
  next.rows = setRow(state.rows, numberOf(session.id), session)
  return next
}

function copy({ count, rows, ended, evicted, scopes }: Sessions): Mutable<Sessions> {
  return { count, rows, ended, evicted, scopes }
}

function copySession(session: Session): Mutable<Session> {
  return {
    id: session.id,
    orchestratorId: session.orchestratorId,
    role: session.role,
    phase: session.phase,
    projectId: session.projectId,
    threadId: session.threadId,
    stream: session.stream,
    handoff: session.handoff,
    openedAt: session.openedAt,
    endedAt: session.endedAt,
    lifecycle: session.lifecycle,
    turns: session.turns,
    tools: session.tools,
    usage: session.usage,
    restored: session.restored,
    inFlight: session.inFlight,
    budget: session.budget,
    limits: session.limits,
    governance: session.governance,
    recovery: session.recovery,
    requests: session.requests,
    gates: session.gates,
    journal: session.journal,
  }
}

function hasEnded(before: Session, after: Session): boolean {
  return !isTerminal(before.lifecycle.status) && isTerminal(after.lifecycle.status)
}

/** A session that has ended may still have calls in flight. */
function isOver({ lifecycle: { status }, inFlight: { turns, tools } }: Session): boolean {
  return isTerminal(status) && turns.length === 0 && tools.length === 0
}

function appendId({ first, next, ids }: Sessions['ended'], id: SessionId): Sessions['ended'] {
  return { first, next: next + 1, ids: setRow(ids, next, id) }
}

// --- selectors -----------------------------------------------------------------------------------------------------------------

type WithSessions = { readonly sessions: Sessions }

export function selectSession(state: WithSessions, id: SessionId): Session | undefined {
  const session = getRow(state.sessions.rows, numberOf(id))
  return session?.id === id ? session : undefined
}

/** What a session used, and what idempotency keys gave it. */
export function usageOf({ usage, restored }: Pick<Session, 'usage' | 'restored'>): Usage {
  return restored.usage.length === 0 ? usage : [...usage, ...restored.usage]
}

/** US dollars, at the prices that were in force. */
export function sessionCostUsd(session: Pick<Session, 'usage' | 'restored'>, prices: PriceList): number {
  return totalCostUsd(session.usage, prices) + totalCostUsd(session.restored.usage, prices)
}

/** Sessions that have not ended, in the order of their registration, workers that wait for a handoff included. */
export function selectActiveSessions(state: WithSessions, filter: SessionFilter = {}): readonly Session[] {
  const active: Session[] = []
  for (const session of rows(state.sessions.rows)) {
    if (!isTerminal(session.lifecycle.status) && matches(session, filter)) active.push(session)
  }
  return active
}

export interface SessionFilter {
  readonly role?: string
  readonly phase?: string
  readonly projectId?: number
}

function matches(session: Session, { role, phase, projectId }: SessionFilter): boolean {
  return (
    (role === undefined || session.role === role) &&
    (phase === undefined || session.phase === phase) &&
    (projectId === undefined || session.projectId === projectId)
  )
}

/** Handoffs that nobody has picked up yet, oldest first. */
export function selectPendingHandoffs(state: WithSessions, filter: SessionFilter = {}): readonly Handoff[] {
  return selectActiveSessions(state, filter).flatMap((session) =>
    session.openedAt === null && session.handoff ? [session.handoff] : [],
  )
}

/** What a session passed on. A session does so once, by ending. */
export function selectHandoffFrom(state: WithSessions, id: SessionId): Handoff | undefined {
  for (const { handoff } of rows(state.sessions.rows)) if (handoff?.sourceSessionId === id) return handoff
  return undefined
}

/** The ended sessions that are more than `retained`, oldest first. Those that still have calls in flight are waited for. */
export function selectEvictable(state: WithSessions, retained: number): readonly SessionId[] {
  const { first, next, ids } = state.sessions.ended
  const evictable: SessionId[] = []
  for (let index = first; index < next - retained; index += 1) {
    const id = getRow(ids, index)
    if (id !== undefined) evictable.push(id)
  }
  return evictable
}
