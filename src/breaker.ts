import type { Context } from '../sagas/context.js'
import { selectBreaker } from '../slices/breakers.js'
import { breakerOutcomeRecorded, breakerReset } from '../slices/facts.js'
import { breakerStateAt, type Breaker, type BreakerSettings, type BreakerState } from '../slices/rules/breaker.js'
import { NotFoundError } from '../slices/rules/errors.js'
import type { RuntimeState } from '../slices/state.js'

/** A circuit breaker as it is at one moment. */
export interface BreakerView extends BreakerSettings {
  readonly name: string
  /** `half_open` as soon as an open breaker would let a probe through. */
  readonly state: BreakerState
  readonly failures: number
  /** Unix ms. */
  readonly lastFailureAt: number | null
  readonly probesInFlight: number
}

/** One circuit breaker, for those who call the other side outside of turns. */
export interface BreakerHandle {
  readonly name: string
  view(): BreakerView
  /** Somebody saw the other side answer. Clears the failures, and completes a probe while half-open. */
  recordSuccess(): void
  /** Somebody saw the other side fail. */
  recordFailure(): void
  /** Closes it and forgets its failures. */
  reset(): void
}

/** @throws {NotFoundError} No breaker of this name is configured. */
export function createBreakerHandle(context: Context, name: string): BreakerHandle {
  viewBreaker(context.state(), name, context.clock.now())
  return {
    name,
    view: () => viewBreaker(context.state(), name, context.clock.now()),
    recordSuccess: () => void context.record(breakerOutcomeRecorded({ name, outcome: 'success' })),
    recordFailure: () => void context.record(breakerOutcomeRecorded({ name, outcome: 'failure' })),
    reset: () => void context.record(breakerReset({ name })),
  }
}

/** @throws {NotFoundError} No breaker of this name is configured. */
export function viewBreaker(state: RuntimeState, name: string, now: number): BreakerView {
  const breaker = selectBreaker(state, name)
  if (!breaker) throw new NotFoundError('breaker', name)
  return viewOf(breaker, now)
}

/** A breaker as it is at one moment. */
export function viewOf(breaker: Breaker, now: number): BreakerView {
  const { generation: _, probes, ...view } = breaker
  return { ...view, state: breakerStateAt(breaker, now), probesInFlight: probes.length }
}
