import { selectBreaker } from '../slices/breakers.js'
import { BudgetExceededError } from '../slices/budgets.js'
import { budgetExceeded, turnCancelled, turnCompleted, turnFailed, type TurnId } from '../slices/facts.js'
import type { Admission } from '../slices/rules/breaker.js'
import { describeError } from '../slices/rules/errors.js'
import type { Failure } from '../slices/rules/failures.js'
import { isAbove, type PriceId } from '../slices/rules/prices.js'
import { hasUsage, noUsage, type UsageSnapshot } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import { selectSessionCostUsd } from '../slices/summary.js'
import type { Candidate } from './admission.js'
import type { Context } from './context.js'

/** A turn that was started. */
export interface StartedTurn extends Candidate {
  readonly turnId: TurnId
  /** The one in force when it started. */
  readonly price: PriceId
  readonly timeoutMs: number | null
  readonly admission: Admission | null
}

/** What a call used, as far as anybody said. */
export type KnownUsage = UsageSnapshot | undefined

/** The call returned: what it used counts from here on, whatever is decided about its result. */
export function recordCompleted(context: Context, turn: StartedTurn, usage: KnownUsage): void {
  warnIfUnpriced(context, turn, usage)
  context.record(turnCompleted(endOf(turn, usage)))
}

export function recordFailed(
  context: Context,
  turn: StartedTurn,
  usage: KnownUsage,
  error: unknown,
  failure: Failure,
): void {
  const breaker = turn.admission && selectBreaker(context.state(), turn.admission.breaker)
  const breakerOutcome = breaker?.ignoredFailures.includes(failure.failureClass) ? 'released' : 'failure'
  context.record(turnFailed({ ...endOf(turn, usage), error: describeError(error), ...failure, breakerOutcome }))
  checkBudget(context, turn)
}

export function recordCancelled(context: Context, turn: StartedTurn, usage: KnownUsage): void {
  context.record(turnCancelled(endOf(turn, usage)))
  checkBudget(context, turn)
}

/** Records that the session is over its budget. Returns the error of an enforced one. A soft one is recorded the first time. */
export function checkBudget(context: Context, { sessionId, config }: StartedTurn): BudgetExceededError | undefined {
  const { budgetUsd, enforceBudget: enforced } = config
  if (budgetUsd === null) return undefined
  const costUsd = selectSessionCostUsd(context.state(), sessionId)
  if (!isAbove(costUsd, budgetUsd)) return undefined
  const isFirst = selectSession(context.state(), sessionId)?.budget.firstExceededAt === null
  if (enforced || isFirst) context.record(budgetExceeded({ sessionId, budgetUsd, costUsd, enforced }))
  return enforced ? new BudgetExceededError(budgetUsd, costUsd, true) : undefined
}

function endOf({ sessionId, turnId, model, price, admission }: StartedTurn, usage: KnownUsage) {
  return { sessionId, turnId, model, price, usage: usage ?? noUsage, metered: usage !== undefined, admission }
}

/** Once per model: its first tokens without a price. */
function warnIfUnpriced(context: Context, { model, price }: StartedTurn, usage: KnownUsage): void {
  if (price !== null || !usage || !hasUsage(usage)) return
  const seen = context.state().sessions.totals.runtime
  if (seen.some((entry) => entry.model === model && entry.price === null && hasUsage(entry))) return
  const name = model === null ? 'a turn that names no model' : `model '${model}'`
  context.warn({ code: 'unpriced_model', message: `${name} has no price: its tokens are counted and its cost is not` })
}
