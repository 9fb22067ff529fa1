import { budgetExceeded } from './facts.js'
import { AgentRuntimeError, PaidTurnError } from './rules/errors.js'
import { formatCost } from './rules/prices.js'
import { defineSlice } from './slice.js'

/** Whether one session has overspent. */
export interface Budget {
  /** Unix ms. */
  readonly firstExceededAt: number | null
}

/**
 * The session has spent more than its budget. When `called` is false the budget was exhausted already and the model was not
 * called; when it is true this turn took the session over, and what it used is recorded.
 */
export class BudgetExceededError extends PaidTurnError {
  override readonly name = 'BudgetExceededError'
  readonly code = 'budget_exceeded'

  constructor(
    readonly budgetUsd: number,
    readonly currentCostUsd: number,
    readonly called: boolean,
  ) {
    super(`budget exceeded: ${formatCost(currentCostUsd)} > ${formatCost(budgetUsd)}`)
  }
}

/** The model has no price and the orchestrator refuses what it cannot price. The model was not called. */
export class UnpricedModelError extends AgentRuntimeError {
  override readonly name = 'UnpricedModelError'
  readonly code = 'unpriced_model'

  constructor(readonly model: string | null) {
    super(model === null ? 'the turn names no model, so it cannot be priced' : `model '${model}' has no price`)
  }
}

export const budget = defineSlice<Budget>({ firstExceededAt: null }, (on) => {
  on(budgetExceeded, (state, { meta }) => (state.firstExceededAt === null ? { firstExceededAt: meta.at } : state))
})
