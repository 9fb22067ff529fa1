import { describeError, type ErrorInfo } from '../../slices/rules/errors.js'

/** What became of the items of one sink. */
export class Tally {
  delivered = 0
  dropped = 0
  failed = 0
  lastError: ErrorInfo | null = null

  /** Counts a call of the sink that threw or rejected. */
  fail(thrown: unknown): ErrorInfo {
    this.failed += 1
    return (this.lastError = describeError(thrown))
  }
}
