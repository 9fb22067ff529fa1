import { selectBreaker } from './breakers.js'
import { reservedUsd } from './budgets.js'
import type { SessionId, ToolCallId, TurnId } from './facts.js'
import type { Recovery } from './recovery.js'
import { breakerStateAt, type BreakerState } from './rules/breaker.js'
import { NotFoundError } from './rules/errors.js'
import type { LifecycleStatus } from './rules/lifecycle.js'
import { isAbove, roundUsd } from './rules/prices.js'
import { selectOrchestrator } from './orchestrators.js'
import { selectLimits } from './limits.js'
import { selectSession, sessionCostUsd, usageOf, type Session } from './sessions.js'
import type { PendingRequest } from './requests.js'
import type { RuntimeState } from './state.js'
import type { Tools } from './tools.js'
import type { Turns } from './turns.js'
import type { Gates } from './gates.js'
import { summarizeUsage, type UsageSummary } from './usage.js'

/** What happened in one session, what it cost, and why it stopped. JSON. */
export interface SessionSummary {
  readonly sessionId: SessionId
  readonly role: string
  readonly phase: string
  readonly projectId: number | null
  readonly threadId: string | null
  readonly status: LifecycleStatus
  /** Why it is in this status. */
  readonly detail: string | null
  readonly lastError: string | null
  /** Unix ms. */
  readonly openedAt: number | null
  /** Unix ms. */
  readonly endedAt: number | null
  readonly turns: Turns
  readonly tools: Tools
  /** Calls that have begun and not ended. */
  readonly inFlight: { readonly turns: readonly TurnId[]; readonly tools: readonly ToolCallId[] }
  readonly usage: UsageSummary
  readonly budget: BudgetSummary | null
  readonly recovery: Recovery
  /** What a person is asked. */
  readonly requests: readonly PendingRequest[]
  readonly gates: Gates
  readonly breaker: { readonly name: string; readonly state: BreakerState; readonly failures: number } | null
}

export interface BudgetSummary {
  readonly budgetUsd: number
  readonly enforced: boolean
  /** Promised to calls in flight. */
  readonly reservedUsd: number
  /** Below 0 when overspent. */
  readonly remainingUsd: number
  readonly exceeded: boolean
}

/**
 * @param now - Unix ms. Decides whether an open breaker is reported as half-open.
 * @throws {NotFoundError} The session is unknown, or was evicted.
 */
export function selectSummary(state: RuntimeState, sessionId: SessionId, now: number): SessionSummary {
  const session = selectSession(state, sessionId)
  if (!session) throw new NotFoundError('session', sessionId)
  return summaryOf(session, state, now)
}

/** What of the state a summary is made of, beside the session. */
type Surroundings = Pick<RuntimeState, 'pricing' | 'orchestrators' | 'breakers'>

/** The summary of one session. */
export function summaryOf(session: Session, state: Surroundings, now: number): SessionSummary {
  const { id, role, phase, projectId, threadId, openedAt, endedAt, turns, tools, recovery, gates } = session
  const { inFlight, requests } = session
  const { status, detail, lastError } = session.lifecycle
  const about = { sessionId: id, role, phase, projectId, threadId, status, detail, lastError, openedAt, endedAt }
  return {
    ...about,
    turns,
    tools,
    inFlight: {
      turns: inFlight.turns.map(({ turnId }) => turnId),
      tools: inFlight.tools.map(({ toolCallId }) => toolCallId),
    },
    usage: summarizeUsage(usageOf(session), state.pricing),
    budget: summarizeBudget(state, session),
    recovery,
    requests: requests.pending,
    gates,
    breaker: summarizeBreaker(state, session, now),
  }
}

/** What a session has cost so far, in US dollars, at the prices that were in force. 0 for a session that is not known. */
export function selectSessionCostUsd(state: RuntimeState, sessionId: SessionId): number {
  const session = selectSession(state, sessionId)
  return session ? sessionCostUsd(session, state.pricing) : 0
}

function summarizeBudget(state: Surroundings, session: Session): BudgetSummary | null {
  const { orchestratorId, limits } = session
  if (orchestratorId === null) return null
  const { budgetUsd } = selectLimits(state, { orchestratorId, limits })
  if (budgetUsd === null) return null
  const { enforceBudget } = selectOrchestrator(state, orchestratorId)
  const costUsd = sessionCostUsd(session, state.pricing)
  return {
    budgetUsd,
    enforced: enforceBudget,
    reservedUsd: roundUsd(reservedUsd(session.budget)),
    remainingUsd: roundUsd(budgetUsd - costUsd),
    exceeded: isAbove(costUsd, budgetUsd),
  }
}

function summarizeBreaker(state: Surroundings, session: Session, now: number): SessionSummary['breaker'] {
  if (session.orchestratorId === null) return null
  const { breaker: name } = selectOrchestrator(state, session.orchestratorId)
  const breaker = name === null ? undefined : selectBreaker(state, name)
  return breaker ? { name: breaker.name, state: breakerStateAt(breaker, now), failures: breaker.failures } : null
}
