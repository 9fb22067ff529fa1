import {
  turnBlocked,
  turnCancelled,
  turnCompleted,
  turnFailed,
  turnRefused,
  turnStarted,
  type TurnEnded,
  type TurnId,
} from './facts.js'
import { AgentRuntimeError } from './rules/errors.js'
import { defineSlice, without, type Mutable } from './slice.js'

/** Model turns of one session, by how they went. */
export interface Turns {
  /** Turns that count against `maxIterations`: those started, and those that a circuit breaker refused. */
  readonly iterations: number
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly refused: number
  readonly blocked: number
  /** Ended turns of which nobody said what they used. */
  readonly unmetered: number
  readonly inFlight: readonly TurnId[]
}

/** The session has run as many turns as it may. The model was not called. */
export class MaxIterationsExceededError extends AgentRuntimeError {
  override readonly name = 'MaxIterationsExceededError'
  readonly code = 'max_iterations_exceeded'

  constructor(readonly maxIterations: number) {
    super(`max iterations exceeded: ${maxIterations}`)
  }
}

const initial: Turns = {
  iterations: 0,
  started: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  refused: 0,
  blocked: 0,
  unmetered: 0,
  inFlight: [],
}

export const turns = defineSlice(initial, (on) => {
  on(turnStarted, (state, { payload }) => {
    const next = copy(state)
    next.iterations += 1
    next.started += 1
    next.inFlight = [...state.inFlight, payload.turnId]
    return next
  })
  on(turnRefused, (state, { payload }) => {
    const next = copy(state)
    if (payload.reason === 'circuit_open') next.iterations += 1
    next.refused += 1
    return next
  })
  on(turnBlocked, (state) => ({ ...state, blocked: state.blocked + 1 }))
  on(turnCompleted, (state, { payload }) => landed(state, payload, 'completed'))
  on(turnFailed, (state, { payload }) => landed(state, payload, 'failed'))
  on(turnCancelled, (state, { payload }) => landed(state, payload, 'cancelled'))
})

function landed(state: Turns, { turnId, metered }: TurnEnded, outcome: 'completed' | 'failed' | 'cancelled'): Turns {
  const next = copy(state)
  next[outcome] += 1
  if (!metered) next.unmetered += 1
  next.inFlight = without(state.inFlight, turnId)
  return next
}

function copy(turns: Turns): Mutable<Turns> {
  return {
    iterations: turns.iterations,
    started: turns.started,
    completed: turns.completed,
    failed: turns.failed,
    cancelled: turns.cancelled,
    refused: turns.refused,
    blocked: turns.blocked,
    unmetered: turns.unmetered,
    inFlight: turns.inFlight,
  }
}
