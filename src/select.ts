import { selectPendingRequests, type AskedRequest } from '../slices/pendingRequests.js'
import { selectIsPriced, selectRates } from '../slices/pricing.js'
import { selectRateLimit } from '../slices/rateLimits.js'
import { NotFoundError } from '../slices/rules/errors.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { Rates } from '../slices/rules/prices.js'
import { available, type RateLimitBucket } from '../slices/rules/tokenBucket.js'
import { selectProject, selectThread, type Scope, type Thread } from '../slices/scopes.js'
import {
  selectActiveSessions,
  selectPendingHandoffs,
  selectSession,
  type Session,
  type SessionFilter,
} from '../slices/sessions.js'
import type { RuntimeState } from '../slices/state.js'
import { selectSessionCostUsd, selectSummary, type SessionSummary } from '../slices/summary.js'
import { selectTotals } from '../slices/totals.js'
import type { UsageSummary } from '../slices/usage.js'
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
  /** What the sessions of a thread did together. `undefined`: there was none, or it was evicted. */
  thread(threadId: string): Thread | undefined
  /** What the sessions of a project did together. `undefined`: none has done anything. */
  project(projectId: number): Scope | undefined
  /** What people are asked by sessions that run, and have not answered. */
  pendingRequests(): readonly AskedRequest[]
  /**
   * The tokens that are in the buckets now. Below 0: a debt.
   *
   * @throws {NotFoundError}
   */
  rateLimit(name: string): Readonly<Partial<Record<RateLimitBucket, number>>>
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

function viewRateLimit(state: RuntimeState, name: string, now: number) {
  const limit = selectRateLimit(state, name)
  if (!limit) throw new NotFoundError('rate limit', name)
  const levels = Object.entries(limit).map(([bucket, level]) => [bucket, available(level, now)])
  return Object.fromEntries(levels) as Readonly<Partial<Record<RateLimitBucket, number>>>
}

export function bindSelectors(getState: () => RuntimeState, now: () => number): BoundSelectors {
  return {
    session: (id) => selectSession(getState(), id),
    activeSessions: (filter) => selectActiveSessions(getState(), filter),
    pendingHandoffs: (filter) => selectPendingHandoffs(getState(), filter),
    summary: (sessionId) => selectSummary(getState(), sessionId, now()),
    sessionCostUsd: (sessionId) => selectSessionCostUsd(getState(), sessionId),
    totals: (projectId) => selectTotals(getState(), projectId),
    thread: (threadId) => selectThread(getState(), threadId),
    project: (projectId) => selectProject(getState(), projectId),
    pendingRequests: () => selectPendingRequests(getState()),
    rateLimit: (name) => viewRateLimit(getState(), name, now()),
    breaker: (name) => viewBreaker(getState(), name, now()),
    rates: (model) => selectRates(getState(), model),
    isPriced: (model) => selectIsPriced(getState(), model),
  }
}
