import type { SessionId } from '../slices/facts.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'
import type { LifecycleStatus } from '../slices/rules/lifecycle.js'

/** The session is over. Nothing was called and nothing was recorded. */
export class SessionEndedError extends AgentRuntimeError {
  override readonly name = 'SessionEndedError'
  readonly code = 'session_ended'

  /** @param status - How it ended; `evicted` when that is no longer known. */
  constructor(
    readonly sessionId: SessionId,
    readonly status: LifecycleStatus | 'evicted',
  ) {
    super(`session ${sessionId} has ended: ${status}`)
  }
}

/** The session was cancelled while this call was in flight. What it had used by then is recorded. */
export class SessionCancelledError extends AgentRuntimeError {
  override readonly name = 'SessionCancelledError'
  readonly code = 'cancelled'

  /** @param detail - What was said when it was cancelled. */
  constructor(
    readonly sessionId: SessionId,
    readonly detail: string | null,
  ) {
    super(`session ${sessionId} was cancelled${detail === null ? '' : `: ${detail}`}`)
  }
}

/** The runtime went down before the session had ended. It has not ended, and nothing more runs in it here. */
export class SessionParkedError extends AgentRuntimeError {
  override readonly name = 'SessionParkedError'
  readonly code = 'session_parked'

  constructor(readonly sessionId: SessionId) {
    super(`session ${sessionId} was parked because the runtime went down`)
  }
}

/** The runtime is going down. No session was opened. */
export class RuntimeDrainingError extends AgentRuntimeError {
  override readonly name = 'RuntimeDrainingError'
  readonly code = 'runtime_draining'

  constructor() {
    super('the runtime is draining and opens no sessions')
  }
}
