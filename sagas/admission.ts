import { selectBreaker } from '../slices/breakers.js'
import { BudgetExceededError, UnpricedModelError } from '../slices/budgets.js'
import { turnRefused, type FactPayload, type SessionId, type TurnId } from '../slices/facts.js'
import { admission, CircuitOpenError, recoversAt, type Admission } from '../slices/rules/breaker.js'
import type { AgentRuntimeError } from '../slices/rules/errors.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { isAbove, type PriceId } from '../slices/rules/prices.js'
import { MaxIterationsExceededError } from '../slices/turns.js'
import { totalCostUsd } from '../slices/usage.js'
import type { Context } from './context.js'
import { requireActive } from './session.js'

/** A turn that asks to be run. */
export interface Candidate {
  readonly sessionId: SessionId
  readonly config: OrchestratorConfig
  readonly model: string | null
  /** Once it has started. */
  readonly turnId?: TurnId
}

/**
 * Lets a turn through, or records that it was refused and throws why. The checks, in this order: iterations, price, budget,
 * breaker. Nothing here waits: what was checked still holds when the turn is recorded as started.
 */
export function admit(context: Context, candidate: Candidate, price: PriceId): Admission | null {
  const { sessionId, config, model } = candidate
  const refuse = (error: AgentRuntimeError & { readonly code: RefusalReason }): never => {
    context.record(turnRefused({ sessionId, model, reason: error.code }))
    throw error
  }
  const session = requireActive(context, sessionId)
  if (config.maxIterations !== null && session.turns.iterations >= config.maxIterations) {
    refuse(new MaxIterationsExceededError(config.maxIterations))
  }
  if (price === null && config.unpricedModels === 'refuse') refuse(new UnpricedModelError(model))
  if (config.enforceBudget && config.budgetUsd !== null) {
    const costUsd = totalCostUsd(session.usage, context.state().pricing)
    if (isAbove(costUsd, config.budgetUsd)) refuse(new BudgetExceededError(config.budgetUsd, costUsd, false))
  }
  const breaker = config.breaker === null ? undefined : selectBreaker(context.state(), config.breaker)
  if (!breaker) return null
  const admitted = admission(breaker, context.clock.now())
  return admitted ?? refuse(new CircuitOpenError(breaker.name, breaker.state === 'open' ? recoversAt(breaker) : null))
}

type RefusalReason = FactPayload<typeof turnRefused>['reason']
