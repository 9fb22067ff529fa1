import { createSelector } from '@reduxjs/toolkit'
import { selectBreaker } from '../../slices/breakers.js'
import { askedBy, type AskedRequest } from '../../slices/pendingRequests.js'
import { selectIsPriced, selectRates } from '../../slices/pricing.js'
import { breakerStateAt, type Breaker, type BreakerState } from '../../slices/rules/breaker.js'
import { isSameJson } from '../../slices/rules/json.js'
import { rows } from '../../slices/rules/table.js'
import { selectProject, selectThread } from '../../slices/scopes.js'
import {
  selectActiveSessions,
  selectPendingHandoffs,
  selectSession,
  type Session,
  type SessionFilter,
  type Sessions,
} from '../../slices/sessions.js'
import { initialState, type RuntimeState } from '../../slices/state.js'
import { selectSessionCostUsd, summaryOf, type SessionSummary } from '../../slices/summary.js'
import { selectTotalUsage } from '../../slices/totals.js'
import { summarizeUsage } from '../../slices/usage.js'
import { viewOf, type BreakerView } from '../breaker.js'
import { memo } from '../readable/memo.js'
import type { AgentSelectors } from './agentSelectors.js'

interface WithSessions {
  readonly sessions: Sessions
}

/** Selectors over the root state of a host. */
export function bindToPath<Path extends string>(
  reducerPath: Path,
): AgentSelectors<Readonly<Record<Path, RuntimeState>>> {
  const bound = Object.entries(createStateSelectors()).map(([name, select]) => {
    const selectFrom = select as (state: RuntimeState, ...rest: readonly unknown[]) => unknown
    return [
      name,
      (root: Partial<Record<Path, RuntimeState>>, ...rest: unknown[]) =>
        selectFrom(root[reducerPath] ?? initialState, ...rest),
    ]
  })
  return Object.fromEntries(bound) as AgentSelectors<Readonly<Record<Path, RuntimeState>>>
}

/** Lists of the same items are the same list. */
const list = { memoizeOptions: { resultEqualityCheck: sameItems } }

const sessionsOf = ({ sessions }: RuntimeState): Sessions => sessions

function createStateSelectors(): AgentSelectors<RuntimeState> {
  const asked = memo((session: Session) => askedBy(session))
  return {
    selectSession: (state: RuntimeState, sessionId: string) => selectSession(state, sessionId),
    selectSessions: createSelector([({ sessions }: RuntimeState) => sessions.rows], (table) => [...rows(table)], list),
    selectActiveSessions: filtered(selectActiveSessions),
    selectPendingHandoffs: filtered(selectPendingHandoffs),
    selectPendingRequests: createSelector(
      [sessionsOf],
      (sessions): readonly AskedRequest[] => selectActiveSessions({ sessions }).flatMap((session) => asked(session)),
      list,
    ),
    selectSummary: createSummarySelector(),
    selectSessionCostUsd,
    selectTotals: createSelector(
      [
        (state: RuntimeState, projectId?: number) => selectTotalUsage(state, projectId),
        ({ pricing }: RuntimeState) => pricing,
      ],
      summarizeUsage,
    ),
    selectThread: (state: RuntimeState, threadId: string) => selectThread(state, threadId),
    selectProject: (state: RuntimeState, projectId: number) => selectProject(state, projectId),
    ...createBreakerSelectors(),
    selectRates,
    selectIsPriced,
  }
}

/** With a selector for each filter: the list of one must not displace that of another. */
function filtered<Item>(select: (state: WithSessions, filter: SessionFilter) => readonly Item[]) {
  const byFilter = new Map<string, (state: RuntimeState) => readonly Item[]>()
  return (state: RuntimeState, { role, phase, projectId }: SessionFilter = {}): readonly Item[] => {
    const key = JSON.stringify([role, phase, projectId])
    const known = byFilter.get(key)
    if (known) return known(state)
    const filter = filterOf(role, phase, projectId)
    const selectFiltered = createSelector([sessionsOf], (sessions) => select({ sessions }, filter), list)
    byFilter.set(key, selectFiltered)
    return selectFiltered(state)
  }
}

function createBreakerSelectors() {
  const views = memo<Breaker, [], Map<BreakerState, BreakerView>>(() => new Map())
  const lists = memo<RuntimeState['breakers'], [], (readonly BreakerView[])[]>(() => [])
  function view(breaker: Breaker, now: number): BreakerView {
    const byState = views(breaker)
    const state = breakerStateAt(breaker, now)
    const known = byState.get(state) ?? viewOf(breaker, now)
    byState.set(state, known)
    return known
  }
  return {
    selectBreaker(state: RuntimeState, name: string, now = 0): BreakerView | undefined {
      const breaker = selectBreaker(state, name)
      return breaker && view(breaker, now)
    },
    selectBreakers({ breakers }: RuntimeState, now = 0): readonly BreakerView[] {
      const views = Object.values(breakers).map((breaker) => view(breaker, now))
      return knownOr(lists(breakers), views, sameItems)
    },
  }
}

function createSummarySelector() {
  const summaries = memo<Session, [], SessionSummary[]>(() => [])
  const summarize = memo(
    (
      session: Session,
      pricing: RuntimeState['pricing'],
      orchestrators: RuntimeState['orchestrators'],
      breakers: RuntimeState['breakers'],
      now: number,
    ) => knownOr(summaries(session), summaryOf(session, { pricing, orchestrators, breakers }, now), isSameJson),
  )
  return ({ sessions, pricing, orchestrators, breakers }: RuntimeState, sessionId: string, now = 0) => {
    const session = selectSession({ sessions }, sessionId)
    return session && summarize(session, pricing, orchestrators, breakers, now)
  }
}

/** One of those that were told already, if it tells the same. The time and the state of a breaker make few that differ. */
function knownOr<Value>(known: Value[], value: Value, isSame: (a: Value, b: Value) => boolean): Value {
  const same = known.find((before) => isSame(before, value))
  if (same === undefined) known.push(value)
  return same ?? value
}

function sameItems(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => item === b[index])
}

function filterOf(role?: string, phase?: string, projectId?: number): SessionFilter {
  return {
    ...(role !== undefined && { role }),
    ...(phase !== undefined && { phase }),
    ...(projectId !== undefined && { projectId }),
  }
}
