import type { Fact, FactDraft } from '../slices/fact.js'
import type { RuntimeState } from '../slices/state.js'
import type { Clock } from './clock.js'
import type { RunningCalls } from './calls.js'
import type { PeopleWaiters } from './people.js'
import type { RateQueues } from './rateQueues.js'
import type { SharedTurns } from './sharedTurns.js'
import type { RuntimeWarning, SaidWarnings } from './saidWarnings.js'

/** What sagas need from above. */
export interface Context {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  random(): number
  /** The state now, with everything recorded so far. */
  state(): RuntimeState
  /**
   * Stamps and logs a fact and reduces it, all before it returns. Not a `put`: the saga scheduler may queue a `put`, and what a
   * saga decided from the state must be in the state before anybody else decides.
   */
  record<Payload>(draft: FactDraft<Payload>): Fact<Payload>
  readonly calls: RunningCalls
  readonly rateQueues: RateQueues
  readonly sharedTurns: SharedTurns
  readonly people: PeopleWaiters
  readonly saidWarnings: SaidWarnings
  warn(warning: RuntimeWarning): void
  /** How many ended sessions stay in the state. */
  readonly retainEndedSessions: number
  /** How many threads stay in the state. */
  readonly retainThreads: number
  /** Whether the runtime is going down and opens no sessions any more. */
  isDraining(): boolean
}
