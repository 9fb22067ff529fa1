import { selectBreaker } from '../slices/breakers.js'
import { BudgetExceededError } from '../slices/budgets.js'
import {
  budgetExceeded,
  turnAttemptFailed,
  turnCancelled,
  turnCompleted,
  turnFailed,
  usageLimitExceeded,
  type FactPayload,
  type TurnId,
} from '../slices/facts.js'
import { selectLimits } from '../slices/limits.js'
import type { Admission, BreakerOutcome } from '../slices/rules/breaker.js'
import { AgentRuntimeError, describeError } from '../slices/rules/errors.js'
import type { Failure } from '../slices/rules/failures.js'
import { isAbove, type PriceId } from '../slices/rules/prices.js'
import type { Route } from '../slices/rules/routing.js'
import { noUsage, type UsageSnapshot } from '../slices/rules/tokens.js'
import { findExceededLimit, UsageLimitExceededError } from '../slices/rules/usageLimits.js'
import { selectSession, sessionCostUsd, usageOf, type Session } from '../slices/sessions.js'
import { sumUsage } from '../slices/usage.js'
import type { Candidate } from './admission.js'
import type { Context } from './context.js'
import type { ActiveSession } from './session.js'
import { warnAboutUsage } from './warnings.js'

/** A turn that was started, at one of its attempts. */
export interface StartedTurn extends Candidate {
  readonly turnId: TurnId
  /** From 1. */
  readonly attempt: number
  /** For each attempt. */
  readonly timeoutMs: number | null
  /** The one in force when this attempt began. */
  readonly price: PriceId
  readonly admission: Admission | null
  readonly route: Route | null
}

/** What a call used, as far as anybody said. */
export type KnownUsage = UsageSnapshot | undefined

/** An attempt that did not succeed. */
export interface FailedAttempt extends Failure {
  readonly error: unknown
  readonly usage: KnownUsage
}

/** The call returned: what it used counts from here on, whatever is decided about its result. */
export function recordCompleted(context: Context, turn: StartedTurn, usage: KnownUsage): void {
  warnAboutUsage(context, turn, usage)
  context.record(turnCompleted(endOf(turn, usage)))
}

export function recordFailed(context: Context, turn: StartedTurn, failed: FailedAttempt): void {
  context.record(turnFailed({ ...endOf(turn, failed.usage), ...failureOf(context, turn, failed) }))
  checkBudget(context, turn)
}

/** The turn goes on: somebody is about to do something about it. */
export function recordAttemptFailed(context: Context, turn: StartedTurn, failed: FailedAttempt): void {
  const { attempt } = turn
  context.record(turnAttemptFailed({ ...endOf(turn, failed.usage), ...failureOf(context, turn, failed), attempt }))
  checkBudget(context, turn)
}

export function recordCancelled(
  context: Context,
  turn: StartedTurn,
  usage: KnownUsage,
  by: FactPayload<typeof turnCancelled>['by'],
): void {
  context.record(turnCancelled({ ...endOf(turn, usage), by }))
  checkBudget(context, turn)
}

/** Records that the session is over its budget. Returns the error of an enforced one. A soft one is recorded the first time. */
export function checkBudget(context: Context, { sessionId, config }: Candidate): BudgetExceededError | undefined {
  if (config.budgetUsd === null) return undefined
  const session = selectSession(context.state(), sessionId)
  const budgetUsd = session && limitsOf(context, session).budgetUsd
  if (!session || budgetUsd === null || budgetUsd === undefined) return undefined
  const costUsd = sessionCostUsd(session, context.state().pricing)
  if (!isAbove(costUsd, budgetUsd)) return undefined
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
  const exceeded = findExceededLimit(
    limits,
    sumUsage(usageOf(session)),
    sessionCostUsd(session, context.state().pricing),
  )
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
  if (error instanceof AgentRuntimeError && error.code !== 'turn_timeout') return 'released'
  const breaker = admission && selectBreaker(context.state(), admission.breaker)
  return breaker?.ignoredFailures.includes(failureClass) ? 'released' : 'failure'
}
