import type { SessionId, ToolCallId } from '../slices/facts.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import type { ApprovalRule } from './approvals.js'
import type { RecoveryInfo } from './recovery.js'
import type { TurnFunctions } from './turnRequest.js'

/** What the runtime hands to a tool's function. */
export interface ToolCall {
  /** Aborted by a timeout, by the call's own signal, and when the session ends. */
  readonly signal: AbortSignal
  /** The arguments, as hooks and whoever approved the call left them. */
  readonly args: unknown
  /** From 1. Above 1 when a recovery calls the function again. */
  readonly attempt: number
  /** What a recovery did before this attempt. `null`: nothing has failed. */
  readonly recovery: RecoveryInfo | null
}

export type ToolThunk<T> = (call: ToolCall) => T | PromiseLike<T>

export interface ToolRequest<T> {
  readonly sessionId: SessionId
  readonly tool: string
  readonly thunk: ToolThunk<T>
  /** Shown to hooks, guardrails and the tool's function. */
  readonly args: unknown
  /** `undefined`: the orchestrator's. `null`: none. */
  readonly timeoutMs: number | null | undefined
  readonly signal: AbortSignal | undefined
  /** Whether it may be called again after it failed. */
  readonly idempotent: boolean
  readonly approval: ApprovalRule | null
  readonly functions: TurnFunctions
}

/** The role may not call this tool. Nothing was called. */
export class PermissionDeniedError extends AgentRuntimeError {
  override readonly name = 'PermissionDeniedError'
  readonly code = 'permission_denied'

  constructor(
    readonly role: string,
    readonly tool: string,
    readonly reason: string,
  ) {
    super(`permission denied: ${reason}`)
  }
}

/** The tool took longer than it may. Its signal was aborted; what it still returns is ignored. */
export class ToolTimeoutError extends AgentRuntimeError {
  override readonly name = 'ToolTimeoutError'
  readonly code = 'tool_timeout'

  constructor(
    readonly tool: string,
    readonly timeoutMs: number,
  ) {
    super(`tool '${tool}' exceeded timeout of ${(timeoutMs / 1_000).toFixed(3)}s`)
  }
}

/** A tool call that may be made, and once it has started. */
export interface StartedTool {
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  readonly config: OrchestratorConfig
  readonly timeoutMs: number | null
}
