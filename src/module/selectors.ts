import { createSelector } from '@reduxjs/toolkit'
import { selectBreaker } from '../../slices/breakers.js'
import { askedBy, type AskedRequest } from '../../slices/pendingRequests.js'
import { selectIsPriced, selectRates } from '../../slices/pricing.js'
import { breakerStateAt, type Breaker, type BreakerState } from '../../slices/rules/breaker.js'
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
import { selectSessionCostUsd, summaryOf } from '../../slices/summary.js'
import { selectTotals } from '../../slices/totals.js'
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

function createStateSelectors(): AgentSelectors<RuntimeState> {
  const list = { memoizeOptions: { resultEqualityCheck: sameItems } }
  const sessionsOf = ({ sessions }: RuntimeState) => sessions
  const filtered = <Item>(select: (state: WithSessions, filter: SessionFilter) => readonly Item[]) =>
    createSelector(
      [
        sessionsOf,
        (_: RuntimeState, filter?: SessionFilter) => filter?.role,
        (_: RuntimeState, filter?: SessionFilter) => filter?.phase,
        (_: RuntimeState, filter?: SessionFilter) => filter?.projectId,
      ],
      (sessions, role, phase, projectId) => select({ sessions }, filterOf(role, phase, projectId)),
      list,
    )
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
        ({ sessions }: RuntimeState) => sessions.scopes,
        ({ pricing }: RuntimeState) => pricing,
        (_: RuntimeState, projectId?: number) => projectId,
      ],
      (scopes, pricing, projectId) => selectTotals({ pricing, sessions: { scopes } }, projectId),
    ),
    selectThread: (state: RuntimeState, threadId: string) => selectThread(state, threadId),
    selectProject: (state: RuntimeState, projectId: number) => selectProject(state, projectId),
    ...createBreakerSelectors(),
    selectRates,
    selectIsPriced,
  }
}

function createBreakerSelectors() {
  const views = memo<Breaker, [], Map<BreakerState, BreakerView>>(() => new Map())
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
    selectBreakers: createSelector(
      [({ breakers }: RuntimeState) => breakers, (_: RuntimeState, now?: number) => now],
      (breakers, now = 0) => Object.values(breakers).map((breaker) => view(breaker, now)),
      { memoizeOptions: { resultEqualityCheck: sameItems } },
    ),
  }
}

function createSummarySelector() {
  const summarize = memo(
    (
      session: Session,
      pricing: RuntimeState['pricing'],
      orchestrators: RuntimeState['orchestrators'],
      breakers: RuntimeState['breakers'],
      now: number,
    ) => summaryOf(session, { pricing, orchestrators, breakers }, now),
  )
  return ({ sessions, pricing, orchestrators, breakers }: RuntimeState, sessionId: string, now = 0) => {
    const session = selectSession({ sessions }, sessionId)
    return session && summarize(session, pricing, orchestrators, breakers, now)
  }
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
