import {
  failuresCleared,
  turnBlocked,
  turnCancelled,
  turnCompleted,
  turnFailed,
  turnRefused,
  turnReplayed,
  turnRetried,
  turnStarted,
  type FactPayload,
  type TurnEnded,
} from './facts.js'
import { AgentRuntimeError } from './rules/errors.js'
import { defineSlice, type Mutable } from './slice.js'

/** Model turns, by how they went. */
export interface Turns {
  /**
   * Turns that count against `maxIterations`: those that started, those that an idempotency key answered, and those that got past
   * the first checks and were then refused. Without those whose process ended.
   */
  readonly iterations: number
  readonly started: number
  /** Calls beyond the first of a turn. */
  readonly retried: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly refused: number
  readonly blocked: number
  /** Answered by an earlier turn with the same idempotency key. */
  readonly replayed: number
  /** Ended turns of which nobody said what they used. */
  readonly unmetered: number
  /** Turns that failed since one was last answered. */
  readonly failuresInARow: number
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
  retried: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  refused: 0,
  blocked: 0,
  replayed: 0,
  unmetered: 0,
  failuresInARow: 0,
}

const REFUSED_AS_ITERATION: readonly FactPayload<typeof turnRefused>['reason'][] = [
  'circuit_open',
  'governance_breach',
  'hook_failed',
]

export const turns = defineSlice(initial, (on) => {
  on(turnStarted, (state) => {
    const next = copy(state)
    next.iterations += 1
    next.started += 1
    return next
  })
  on(turnRetried, (state) => ({ ...state, retried: state.retried + 1 }))
  on(turnReplayed, (state) => ({ ...state, iterations: state.iterations + 1, replayed: state.replayed + 1 }))
  on(turnRefused, (state, { payload: { reason } }) => {
    const next = copy(state)
    next.refused += 1
    if (REFUSED_AS_ITERATION.includes(reason)) next.iterations += 1
    if (reason === 'circuit_open') next.failuresInARow += 1
    return next
  })
  on(turnBlocked, (state, { payload: { stage } }) => {
    const next = copy(state)
    next.blocked += 1
    if (stage === 'pre') next.iterations += 1
    return next
  })
  on(turnCompleted, (state, { payload }) => {
    const next = landed(state, payload, 'completed')
    next.failuresInARow = 0
    return next
  })
  on(turnFailed, (state, { payload }) => {
    const next = landed(state, payload, 'failed')
    next.failuresInARow += 1
    return next
  })
  on(turnCancelled, (state, { payload }) => {
    const next = landed(state, payload, 'cancelled')
    if (payload.by === 'abandoned_stream') next.failuresInARow += 1
    // Whoever takes the session up runs it again.
    if (payload.by === 'process_ended') next.iterations -= 1
    return next
  })
  on(failuresCleared, (state) => ({ ...state, failuresInARow: 0 }))
})

function landed(state: Turns, { metered }: TurnEnded, outcome: 'completed' | 'failed' | 'cancelled'): Mutable<Turns> {
  const next = copy(state)
  next[outcome] += 1
  if (!metered) next.unmetered += 1
  return next
}

function copy(turns: Turns): Mutable<Turns> {
  return {
    iterations: turns.iterations,
    started: turns.started,
    retried: turns.retried,
    completed: turns.completed,
    failed: turns.failed,
    cancelled: turns.cancelled,
    refused: turns.refused,
    blocked: turns.blocked,
    replayed: turns.replayed,
    unmetered: turns.unmetered,
    failuresInARow: turns.failuresInARow,
  }
}
