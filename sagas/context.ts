import type { Fact, FactDraft } from '../slices/fact.js'
import type { SessionId } from '../slices/facts.js'
import type { AnswerOutcome } from '../slices/rules/answers.js'
import type { RuntimeState } from '../slices/state.js'
import type { RunningCalls } from './calls.js'
import type { Clock } from './clock.js'
import type { Saga } from './effects.js'
import type { PeopleWaiters } from './people.js'
import type { RateQueues } from './rateQueues.js'
import type { Recording } from './recording.js'
import type { Resumption } from './resumption.js'
import type { SharedTurns } from './sharedTurns.js'
import type { RuntimeWarning, SaidWarnings } from './saidWarnings.js'
import type { TimeTravel } from './timeTravel.js'

/** What sagas need from above. */
export interface Context {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  random(): number
  /** The state of the log, with everything recorded so far, whatever the store shows. */
  state(): RuntimeState
  /**
   * Stamps and logs a fact and reduces it, all before it returns. Not a `put`: the saga scheduler may queue a `put`, and what a
   * saga decided from the state must be in the state before anybody else decides.
   */
  record<Payload>(draft: FactDraft<Payload>): Fact<Payload>
  /** Resolves when everything recorded so far is durable. `undefined`: it is. */
  flush(): Promise<void> | undefined
  /** What the function of a thread that was forgotten has returned, from the log. */
  recall(threadId: string, run: string): Promise<AnswerOutcome | undefined>
  /** What of results is recorded. */
  readonly recording: Recording
  /** Sessions that were taken up from the log, as long as they run. */
  readonly resumptions: Map<SessionId, Resumption>
  /** What holds calls back while the store shows another state. */
  readonly timeTravel: TimeTravel
  /** Resolves in a later turn of the event loop. */
  nextTask(): Promise<void>
  run<Result>(saga: Saga<Result>): Promise<Result>
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
  /** Aborted when the runtime goes down: it opens no sessions any more. */
  readonly draining: AbortSignal
}
