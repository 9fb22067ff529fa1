import { selectBreaker } from '../slices/breakers.js'
import { BudgetExceededError } from '../slices/budgets.js'
import type { FactDraft } from '../slices/fact.js'
import {
  budgetExceeded,
  turnAttemptFailed,
  turnCancelled,
  turnCompleted,
  turnFailed,
  usageLimitExceeded,
  type FactPayload,
} from '../slices/facts.js'
import { selectLimits } from '../slices/limits.js'
import type { BreakerOutcome } from '../slices/rules/breaker.js'
import { describeError, isRuntimeError } from '../slices/rules/errors.js'
import type { Failure } from '../slices/rules/failures.js'
import { isAbove, roundUsd } from '../slices/rules/prices.js'
import { noUsage } from '../slices/rules/tokens.js'
import { findExceededLimit, UsageLimitExceededError } from '../slices/rules/usageLimits.js'
import { selectSession, sessionCostUsd, type Session } from '../slices/sessions.js'
import { limitedUsage, type Candidate } from './admission.js'
import type { Context } from './context.js'
import { checkGovernance } from './governance.js'
import { settleRate } from './rateLimits.js'
import type { ActiveSession } from './session.js'
import type { FailedAttempt, KnownUsage, StartedTurn } from './startedTurn.js'
import { warnAboutUnmetered, warnAboutUsage } from './warnings.js'

/** The call returned: what it used counts from here on, whatever is decided about its result. */
export function recordCompleted(context: Context, turn: StartedTurn, usage: KnownUsage): void {
  if (usage) warnAboutUsage(context, turn, usage)
  else warnAboutUnmetered(context, turn)
  context.record(turnCompleted(endOf(turn, usage)))
  // An answer of which nobody says what it used has used something: its estimate stays charged.
  if (usage) settleRate(context, turn, usage)
}

export function recordFailed(context: Context, turn: StartedTurn, failed: FailedAttempt): void {
  const { usage } = failed
  recordUnanswered(context, turn, usage, turnFailed({ ...endOf(turn, usage), ...failureOf(context, turn, failed) }))
}

/** The turn goes on: somebody is about to do something about it. */
export function recordAttemptFailed(context: Context, turn: StartedTurn, failed: FailedAttempt): void {
  const { usage } = failed
  const payload = { ...endOf(turn, usage), ...failureOf(context, turn, failed), attempt: turn.attempt }
  recordUnanswered(context, turn, usage, turnAttemptFailed(payload))
}

export function recordCancelled(
  context: Context,
  turn: StartedTurn,
  usage: KnownUsage,
  by: FactPayload<typeof turnCancelled>['by'],
): void {
  recordUnanswered(context, turn, usage, turnCancelled({ ...endOf(turn, usage), by }))
}

/** Nothing came of the call: what it is known to have used counts, and its estimate is given back. */
function recordUnanswered(context: Context, turn: StartedTurn, usage: KnownUsage, end: FactDraft): void {
  warnAboutUsage(context, turn, usage)
  context.record(end)
  settleRate(context, turn, usage ?? noUsage)
  checkBudget(context, turn)
}

/** The call was aborted. Returns what its caller gets: a stream that is left counts as a failure, and may end the session. */
export function settleAborted(context: Context, turn: StartedTurn, reason: unknown, usage: KnownUsage): unknown {
  const by = cancelledBy(reason)
  recordCancelled(context, turn, usage, by)
  if (by === 'abandoned_stream' && !usage) warnAboutUnmetered(context, turn)
  const breach = by === 'abandoned_stream' ? checkGovernance(context, turn.sessionId, { cause: reason }) : undefined
  return breach ?? reason
}

/** Who aborted a call, by the reason of its signal. */
export function cancelledBy(reason: unknown): FactPayload<typeof turnCancelled>['by'] {
  return isRuntimeError(reason) && reason.code === 'stream_abandoned' ? 'abandoned_stream' : 'abort'
}

/** Records that the session is over its budget. Returns the error of an enforced one. A soft one is recorded the first time. */
export function checkBudget(context: Context, { sessionId, config }: Candidate): BudgetExceededError | undefined {
  const session = selectSession(context.state(), sessionId)
  const budgetUsd = session && limitsOf(context, session).budgetUsd
  if (!session || budgetUsd === null || budgetUsd === undefined) return undefined
  const spentUsd = sessionCostUsd(session, context.state().pricing)
  if (!isAbove(spentUsd, budgetUsd)) return undefined
  const costUsd = roundUsd(spentUsd)
  const { enforceBudget: enforced } = config
  if (enforced || session.budget.firstExceededAt === null) {
    context.record(budgetExceeded({ sessionId, budgetUsd, costUsd, enforced }))
  }
  return enforced ? new BudgetExceededError(budgetUsd, costUsd, true) : undefined
}

/** Records that the session is over one of its usage limits, and returns the error. */
export function checkUsageLimits(context: Context, { sessionId }: Candidate): UsageLimitExceededError | undefined {
  const session = selectSession(context.state(), sessionId)
  const limits = session && limitsOf(context, session).usageLimits
  if (!session || !limits) return undefined
  const exceeded = findExceededLimit(limits, limitedUsage(session), sessionCostUsd(session, context.state().pricing))
  if (!exceeded) return undefined
  context.record(usageLimitExceeded({ sessionId, ...exceeded }))
  return new UsageLimitExceededError(exceeded, true)
}

function limitsOf(context: Context, session: Session): ReturnType<typeof selectLimits> {
  return selectLimits(context.state(), session as ActiveSession)
}

function endOf({ sessionId, turnId, model, price, admission }: StartedTurn, usage: KnownUsage) {
  return { sessionId, turnId, model, price, usage: usage ?? noUsage, metered: usage !== undefined, admission }
}

function failureOf(context: Context, turn: StartedTurn, { error, scenario, failureClass }: FailedAttempt) {
  const breakerOutcome = breakerOutcomeOf(context, turn, error, failureClass)
  return { error: describeError(error), scenario, failureClass, breakerOutcome }
}

/** An error of this runtime that a turn's function lets through says nothing about the other side. Its timeout does. */
function breakerOutcomeOf(
  context: Context,
  { admission }: StartedTurn,
  error: unknown,
  failureClass: Failure['failureClass'],
): BreakerOutcome {
  if (isRuntimeError(error) && error.code !== 'turn_timeout') return 'released'
  const breaker = admission && selectBreaker(context.state(), admission.breaker)
  return breaker?.ignoredFailures.includes(failureClass) ? 'released' : 'failure'
}
