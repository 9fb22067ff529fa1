import type { AskedRequest } from '../../slices/pendingRequests.js'
import type { Handoff } from '../../slices/rules/handoff.js'
import type { Rates } from '../../slices/rules/prices.js'
import type { Scope, Thread } from '../../slices/scopes.js'
import type { Session, SessionFilter } from '../../slices/sessions.js'
import type { SessionSummary } from '../../slices/summary.js'
import type { UsageSummary } from '../../slices/usage.js'
import type { BreakerView } from '../breaker.js'

/**
 * Selectors that return the same object as long as what it tells is the same: what `useSelector` expects. What is not known, or was
 * evicted, is `undefined`.
 *
 * Whether an open breaker would let a probe through depends on the time: without `now`, in Unix ms, it is told as open until a call
 * was let through.
 */
export interface AgentSelectors<Root> {
  selectSession(root: Root, sessionId: string): Session | undefined
  /** All that are kept, in the order of their registration. */
  selectSessions(root: Root): readonly Session[]
  /** Those that have not ended. */
  selectActiveSessions(root: Root, filter?: SessionFilter): readonly Session[]
  /** Handoffs that nobody has picked up yet, oldest first. The filter's role is the target's. */
  selectPendingHandoffs(root: Root, filter?: SessionFilter): readonly Handoff[]
  /** What people are asked by sessions that run, and have not answered. */
  selectPendingRequests(root: Root): readonly AskedRequest[]
  selectSummary(root: Root, sessionId: string, now?: number): SessionSummary | undefined
  /** US dollars. 0 for a session that is not known. */
  selectSessionCostUsd(root: Root, sessionId: string): number
  /** What all sessions used, evicted ones included; or those of one project. */
  selectTotals(root: Root, projectId?: number): UsageSummary
  /** What the sessions of a thread did together. */
  selectThread(root: Root, threadId: string): Thread | undefined
  /** What the sessions of a project did together. */
  selectProject(root: Root, projectId: number): Scope | undefined
  selectBreaker(root: Root, name: string, now?: number): BreakerView | undefined
  selectBreakers(root: Root, now?: number): readonly BreakerView[]
  /** The rates in force: all 0 for a model without a price. */
  selectRates(root: Root, model: string): Rates
  selectIsPriced(root: Root, model: string): boolean
}
