import { selectIsPriced, selectRates } from '../slices/pricing.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { Rates } from '../slices/rules/prices.js'
import { getRow } from '../slices/rules/table.js'
import {
  selectActiveSessions,
  selectPendingHandoffs,
  selectSession,
  type Session,
  type SessionFilter,
} from '../slices/sessions.js'
import type { RuntimeState } from '../slices/state.js'
import { selectSessionCostUsd, selectSummary, type SessionSummary } from '../slices/summary.js'
import { summarizeUsage, type UsageSummary } from '../slices/usage.js'
import { viewBreaker, type BreakerView } from './breaker.js'

/** Selectors bound to a state: a runtime's as it is when they are called, or one that was replayed. */
export interface BoundSelectors {
  session(id: string): Session | undefined
  activeSessions(filter?: SessionFilter): readonly Session[]
  /** Handoffs that nobody has picked up yet, oldest first. The filter's role is the target's. */
  pendingHandoffs(filter?: SessionFilter): readonly Handoff[]
  /** @throws {NotFoundError} */
  summary(sessionId: string): SessionSummary
  /** US dollars. */
  sessionCostUsd(sessionId: string): number
  /** What all sessions used, evicted ones included; or those of one project. */
  totals(projectId?: number): UsageSummary
  /** @throws {NotFoundError} */
  breaker(name: string): BreakerView
  /** The rates in force: all 0 for a model without a price. */
  rates(model: string): Rates
  isPriced(model: string): boolean
}

/**
 * Selectors over one state, such as the one that `replay` returns.
 *
 * @param now - Unix ms. Decides whether an open breaker is reported as half-open.
 */
export function selectorsOf(state: RuntimeState, now: number): BoundSelectors {
  return bindSelectors(
    () => state,
    () => now,
  )
}

export function bindSelectors(getState: () => RuntimeState, now: () => number): BoundSelectors {
  return {
    session: (id) => selectSession(getState(), id),
    activeSessions: (filter) => selectActiveSessions(getState(), filter),
    pendingHandoffs: (filter) => selectPendingHandoffs(getState(), filter),
    summary: (sessionId) => selectSummary(getState(), sessionId, now()),
    sessionCostUsd: (sessionId) => selectSessionCostUsd(getState(), sessionId),
    totals: (projectId) => {
      const { pricing, sessions } = getState()
      const { runtime, projects } = sessions.totals
      return summarizeUsage(projectId === undefined ? runtime : (getRow(projects, projectId) ?? []), pricing)
    },
    breaker: (name) => viewBreaker(getState(), name, now()),
    rates: (model) => selectRates(getState(), model),
    isPriced: (model) => selectIsPriced(getState(), model),
  }
}
