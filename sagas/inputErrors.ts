import type { SessionId } from '../slices/facts.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'

/** The session waits for an answer already. */
export class InputPendingError extends AgentRuntimeError {
  override readonly name = 'InputPendingError'
  readonly code = 'input_pending'

  constructor(readonly sessionId: SessionId) {
    super(`session ${sessionId} waits for an answer already`)
  }
}

/** Nobody answered in time. */
export class InputTimeoutError extends AgentRuntimeError {
  override readonly name = 'InputTimeoutError'
  readonly code = 'input_timeout'

  constructor(readonly timeoutMs: number) {
    super(`nobody answered within ${timeoutMs} ms`)
  }
}
