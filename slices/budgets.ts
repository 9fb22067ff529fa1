import { budgetExceeded, turnCancelled, turnCompleted, turnFailed, turnStarted, type TurnId } from './facts.js'
import { AgentRuntimeError, PaidTurnError } from './rules/errors.js'
import { formatCost } from './rules/prices.js'
import { defineSlice } from './slice.js'

/** Whether one session has overspent. */
export interface Budget {
  /** Unix ms. */
  readonly firstExceededAt: number | null
  /** What turns in flight are expected to cost. */
  readonly reserved: readonly Reservation[]
}

interface Reservation {
  readonly turnId: TurnId
  readonly costUsd: number
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
    /** What this turn and those in flight are expected to cost. */
    readonly promisedUsd = 0,
  ) {
    const promised = promisedUsd > 0 ? ` + ${formatCost(promisedUsd)} promised` : ''
    super(`budget exceeded: ${formatCost(currentCostUsd)}${promised} > ${formatCost(budgetUsd)}`)
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

export const budget = defineSlice<Budget>({ firstExceededAt: null, reserved: [] }, (on) => {
  on(budgetExceeded, (state, { meta }) =>
    state.firstExceededAt === null ? { ...state, firstExceededAt: meta.at } : state,
  )
  on(turnStarted, (state, { payload: { turnId, reservedUsd } }) =>
    reservedUsd === 0 ? state : { ...state, reserved: [...state.reserved, { turnId, costUsd: reservedUsd }] },
  )
  on([turnCompleted, turnFailed, turnCancelled], (state, { payload }) =>
    state.reserved.length === 0
      ? state
      : { ...state, reserved: state.reserved.filter(({ turnId }) => turnId !== payload.turnId) },
  )
})

/** US dollars that are promised to turns in flight. */
export function reservedUsd({ reserved }: Budget): number {
  let sum = 0
  for (const { costUsd } of reserved) sum += costUsd
  return sum
}
