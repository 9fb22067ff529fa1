import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** The log takes no more facts. Nothing that is not recorded yet counts as done; what is on disk can be taken up again. */
export class LogUnavailableError extends AgentRuntimeError {
  override readonly name = 'LogUnavailableError'
  readonly code = 'log_unavailable'

  /** @param reason - `failed`: a write failed, and `cause` says why. */
  constructor(
    readonly reason: 'failed' | 'closed' | 'read_only',
    options?: { readonly cause: unknown },
  ) {
    super(MESSAGES[reason], options)
  }
}

const MESSAGES = {
  failed: 'the log is unavailable: a write to it failed',
  closed: 'the log is unavailable: it is closed',
  read_only: 'the log is unavailable: it was opened for reading only',
}
