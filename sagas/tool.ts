import {
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolStarted,
  type SessionId,
  type ToolCallId,
} from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { AgentRuntimeError, describeError } from '../slices/rules/errors.js'
import { authorize } from '../slices/rules/permissions.js'
import { CallHandle, type RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { GuardrailViolatedError, runGuardrails, type Guardrail } from './guardrails.js'
import { invoke } from './invoke.js'
import { requireActive, type ActiveSession } from './session.js'

/** What the runtime hands to a tool's function. */
export interface ToolCall {
  /** Aborted by a timeout, by the call's own signal, and when the session ends. */
  readonly signal: AbortSignal
}

export type ToolThunk<T> = (call: ToolCall) => T | PromiseLike<T>

export interface ToolRequest<T> {
  readonly sessionId: SessionId
  readonly tool: string
  readonly thunk: ToolThunk<T>
  /** Shown to guardrails, and to nobody else. */
  readonly args: unknown
  readonly timeoutMs: number | null
  readonly signal: AbortSignal | undefined
  readonly guardrails: readonly Guardrail[]
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

/** Runs one tool call: permission, guardrails, the tool, guardrails on what it returned. */
export function* toolSaga<T>(context: Context, request: ToolRequest<T>): Saga<T> {
  const session = requireActive(context, request.sessionId)
  request.signal?.throwIfAborted()
  assertPermitted(context, request, session)
  const call = context.calls.begin(request.sessionId, request.signal)
  try {
    yield* guard(context, request, session.role)
    return yield* attempt(context, request, session.role, start(context, request), call)
  } finally {
    call.end()
  }
}

function assertPermitted<T>(context: Context, { sessionId, tool }: ToolRequest<T>, session: ActiveSession): void {
  const { permissions } = selectOrchestrator(context.state(), session.orchestratorId)
  const { allowed, reason } = authorize(permissions, session.role, tool)
  if (allowed) return
  const denial = reason ?? 'denied'
  context.record(toolBlocked({ sessionId, tool, by: { kind: 'permission', reason: denial } }))
  throw new PermissionDeniedError(session.role, tool, denial)
}

function start<T>(context: Context, { sessionId, tool, timeoutMs }: ToolRequest<T>): ToolCallId {
  const toolCallId = `tool-${requireActive(context, sessionId).tools.started + 1}`
  context.record(toolStarted({ sessionId, toolCallId, tool, timeoutMs }))
  return toolCallId
}

function* attempt<T>(
  context: Context,
  request: ToolRequest<T>,
  role: string,
  toolCallId: ToolCallId,
  call: RunningCall,
): Saga<T> {
  const { sessionId, tool, thunk, timeoutMs: ms } = request
  const about = { sessionId, toolCallId, tool }
  const timeout = ms === null ? null : { ms, error: new ToolTimeoutError(tool, ms) }
  const outcome = yield* wait(invoke(context.clock, call, () => thunk(new CallHandle(call)), timeout))
  switch (outcome.kind) {
    case 'returned':
      return yield* accept(context, request, role, toolCallId, outcome.value)
    case 'aborted':
      context.record(toolCancelled(about))
      throw outcome.reason
    case 'threw':
    case 'timed_out':
      context.record(toolFailed({ ...about, error: describeError(outcome.error) }))
      throw outcome.error
  }
}

function* accept<T>(
  context: Context,
  request: ToolRequest<T>,
  role: string,
  toolCallId: ToolCallId,
  value: T,
): Saga<T> {
  const about = { sessionId: request.sessionId, toolCallId, tool: request.tool }
  try {
    yield* guard(context, request, role, { toolCallId, value })
  } catch (error) {
    if (!(error instanceof GuardrailViolatedError))
      context.record(toolFailed({ ...about, error: describeError(error) }))
    throw error
  }
  context.record(toolCompleted(about))
  return value
}

/** Before the call, or after it on what it returned. */
function* guard<T>(
  context: Context,
  { sessionId, tool, guardrails, args: input }: ToolRequest<T>,
  role: string,
  returned?: { readonly toolCallId: ToolCallId; readonly value: T },
): Saga<void> {
  const stage = returned ? 'post' : 'pre'
  const value = returned && { value: returned.value }
  const toolCallId = returned && { toolCallId: returned.toolCallId }
  const error = yield* runGuardrails(guardrails, { stage, kind: 'tool', role, name: tool, input, ...value })
  if (!error) return
  context.record(
    toolBlocked({ sessionId, tool, ...toolCallId, by: { kind: 'guardrail', stage, guardrails: error.names } }),
  )
  throw error
}
