import { budgetExceeded, limitsRaised, turnRetried, turnStarted, type TurnId } from './facts.js'
import { AgentRuntimeError, PaidTurnError } from './rules/errors.js'
import { formatCost } from './rules/prices.js'
import { defineSlice } from './slice.js'
import { turnCallEnds } from './usage.js'

/** Whether one session has overspent. */
export interface Budget {
  /** Unix ms. Of the budget in force: another one is told of again. */
  readonly firstExceededAt: number | null
  /** What calls in flight are expected to cost at most. */
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
    /** What this turn and those in flight are expected to cost at most. */
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
  on(limitsRaised, (state, { payload }) =>
    payload.limits.budgetUsd === undefined ? state : { firstExceededAt: null, reserved: state.reserved },
  )
  on(turnStarted, (state, { payload: { turnId, reservedUsd } }) => promise(state, turnId, reservedUsd))
  on(turnRetried, (state, { payload: { turnId, reservedUsd } }) => promise(state, turnId, reservedUsd))
  on(turnCallEnds, (state, { payload: { turnId } }) => promise(state, turnId, 0))
})

/** Takes the place of what was promised to the turn before. */
function promise(state: Budget, turnId: TurnId, costUsd: number): Budget {
  const { firstExceededAt, reserved } = state
  if (costUsd === 0 && reserved.length === 0) return state
  const others = reserved.filter((reservation) => reservation.turnId !== turnId)
  return { firstExceededAt, reserved: costUsd === 0 ? others : [...others, { turnId, costUsd }] }
}

/** US dollars that are promised to calls in flight. */
export function reservedUsd({ reserved }: Budget): number {
  let sum = 0
  for (const { costUsd } of reserved) sum += costUsd
  return sum
}
