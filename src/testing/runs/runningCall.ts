import type { InterceptedCall } from './intercept.js'
import type { CallOutcome, CallQuestion } from './recordedRun.js'

/** A call that is being recorded. */
export interface RunningCall {
  readonly question: CallQuestion
  /** What its function gets. */
  readonly call: InterceptedCall['call']
  /** Counts once. */
  end(outcome: CallOutcome): void
  /** What it is when it is aborted. */
  onGiveUp(outcome: () => CallOutcome): void
  elapsedMs(): number
}
