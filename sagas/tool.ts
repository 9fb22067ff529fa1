import {
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolStarted,
  type SessionId,
  type ToolBlock,
  type ToolCallId,
} from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { AgentRuntimeError, describeError } from '../slices/rules/errors.js'
import { classifyFailure } from '../slices/rules/failures.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { authorize } from '../slices/rules/permissions.js'
import { approve, type ApprovalRule } from './approvals.js'
import { CallHandle, type RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { requireGoverned } from './governance.js'
import { runGuardrails } from './guardrails.js'
import { runHooks, type HookInfo } from './hooks.js'
import { invoke } from './invoke.js'
import type { RecoveryInfo } from './recovery.js'
import { RecoveryPlan } from './recoveryPlan.js'
import { retryTool } from './retryTool.js'
import { requireActive } from './session.js'
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

/** Runs one tool call. The order of checks: permission, governance, hooks, guardrails, approval. */
export function* toolSaga<T>(context: Context, request: ToolRequest<T>): Saga<T> {
  const { sessionId, signal } = request
  const { orchestratorId } = requireActive(context, sessionId)
  const config = selectOrchestrator(context.state(), orchestratorId)
  signal?.throwIfAborted()
  assertPermitted(context, request, config)
  requireToolGoverned(context, request, 'tell')
  const call = context.calls.begin(sessionId, signal)
  try {
    const prepared = yield* prepare(context, request, config, call)
    return yield* attemptTool(context, prepared, start(context, prepared, config), call)
  } finally {
    call.end()
  }
}

function assertPermitted<T>(
  context: Context,
  { sessionId, tool }: ToolRequest<T>,
  { permissions, role }: OrchestratorConfig,
): void {
  const { allowed, reason } = authorize(permissions, role, tool)
  if (allowed) return
  const denial = reason ?? 'denied'
  block(context, { sessionId, tool }, { kind: 'permission', reason: denial })
  throw new PermissionDeniedError(role, tool, denial)
}

function requireToolGoverned<T>(
  context: Context,
  { sessionId, tool, args }: ToolRequest<T>,
  alerts: 'tell' | 'told',
): void {
  requireGoverned(context, sessionId, {
    pending: { toolCalls: 1, fingerprint: fingerprintOf(tool, args) },
    refuse: () => block(context, { sessionId, tool }, { kind: 'governance' }),
    alerts,
  })
}

/** Hooks, guardrails and a person may look at the call before it is made, and take time for that. */
function* prepare<T>(
  context: Context,
  request: ToolRequest<T>,
  config: OrchestratorConfig,
  call: RunningCall,
): Saga<ToolRequest<T>> {
  const { hooks, guardrails } = request.functions
  if (hooks.length === 0 && guardrails.length === 0 && !request.approval) return request
  const hooked = { ...request, args: yield* runBeforeTool(context, request, config) }
  yield* guard(context, hooked, config)
  const approved = { ...hooked, args: yield* approve(context, hooked, call) }
  // A person may have changed them, and nobody is above the guardrails.
  if (approved.args !== hooked.args) yield* guard(context, approved, config)
  requireToolGoverned(context, approved, 'told')
  return approved
}

function* runBeforeTool<T>(context: Context, request: ToolRequest<T>, config: OrchestratorConfig): Saga<unknown> {
  const { sessionId, tool, functions } = request
  try {
    return yield* runHooks(functions.hooks, 'beforeTool', request.args, infoOf(request, config))
  } catch (error) {
    block(context, { sessionId, tool }, { kind: 'hook' })
    throw error
  }
}

function start<T>(context: Context, request: ToolRequest<T>, config: OrchestratorConfig): StartedTool {
  const { sessionId, tool, args, idempotent } = request
  const toolCallId = `tool-${requireActive(context, sessionId).tools.started + 1}`
  const timeoutMs = request.timeoutMs === undefined ? config.toolTimeoutMs : request.timeoutMs
  context.record(
    toolStarted({ sessionId, toolCallId, tool, fingerprint: fingerprintOf(tool, args), timeoutMs, idempotent }),
  )
  return { sessionId, toolCallId, tool, config, timeoutMs }
}

function* attemptTool<T>(context: Context, request: ToolRequest<T>, started: StartedTool, call: RunningCall): Saga<T> {
  const { sessionId, toolCallId, tool, timeoutMs: ms } = started
  const about = { sessionId, toolCallId, tool }
  const plan = new RecoveryPlan(started.config.recovery)
  for (let attempt = 1; ; attempt += 1) {
    const handle = new ToolHandle(call, request.args, attempt, plan.last)
    const timeout = ms === null ? null : { ms, error: new ToolTimeoutError(tool, ms) }
    const outcome = yield* wait(invoke(context.clock, call, () => request.thunk(handle), timeout))
    if (outcome.kind === 'returned') return yield* accept(context, request, started, outcome.value)
    if (outcome.kind === 'aborted') {
      context.record(toolCancelled(about))
      throw outcome.reason
    }
    const { error } = outcome
    const mayRetry = request.idempotent && started.config.recovery.mode === 'execute' && !isOurs(error)
    const failed = { attempt, error, scenario: classifyFailure(error).scenario }
    if (mayRetry && (yield* retryTool(context, request, started, failed, plan, call))) continue
    if (!mayRetry) context.record(toolFailed({ ...about, error: describeError(error) }))
    throw error
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof AgentRuntimeError && !(error instanceof ToolTimeoutError)
}

function* accept<T>(context: Context, request: ToolRequest<T>, started: StartedTool, returned: T): Saga<T> {
  const { sessionId, toolCallId, tool, config } = started
  const { hooks, guardrails } = request.functions
  if (guardrails.length > 0) yield* guard(context, request, config, { toolCallId, value: returned })
  const value = hooks.length === 0 ? returned : yield* runAfterTool(context, request, started, returned)
  context.record(toolCompleted({ sessionId, toolCallId, tool }))
  return value
}

function* runAfterTool<T>(context: Context, request: ToolRequest<T>, started: StartedTool, returned: T): Saga<T> {
  const { sessionId, toolCallId, tool, config } = started
  try {
    return yield* runHooks(request.functions.hooks, 'afterTool', returned, infoOf(request, config))
  } catch (error) {
    block(context, { sessionId, tool, toolCallId }, { kind: 'hook' })
    throw error
  }
}

/** Before the call, or after it on what it returned. */
function* guard<T>(
  context: Context,
  { sessionId, tool, functions: { guardrails }, args: input }: ToolRequest<T>,
  { role }: OrchestratorConfig,
  returned?: { readonly toolCallId: ToolCallId; readonly value: T },
): Saga<void> {
  const stage = returned ? 'post' : 'pre'
  const about = { stage, kind: 'tool', role, name: tool, input } as const
  const blocked = yield* runGuardrails(guardrails, returned ? { ...about, value: returned.value } : about)
  if (!blocked) return
  const { names, error } = blocked
  block(context, { sessionId, tool, toolCallId: returned?.toolCallId }, { kind: 'guardrail', stage, guardrails: names })
  throw error
}

interface Blocked {
  readonly sessionId: SessionId
  readonly tool: string
  readonly toolCallId?: ToolCallId | undefined
}

function block(context: Context, { sessionId, tool, toolCallId }: Blocked, by: ToolBlock): void {
  context.record(toolBlocked({ sessionId, tool, toolCallId: toolCallId ?? null, by }))
}

function fingerprintOf(tool: string, args: unknown): string | null {
  return args === undefined ? null : fingerprint({ tool, args })
}

function infoOf<T>({ sessionId, tool }: ToolRequest<T>, { role, phase }: OrchestratorConfig): HookInfo {
  return { sessionId, role, phase, name: tool }
}

class ToolHandle extends CallHandle implements ToolCall {
  constructor(
    call: RunningCall,
    readonly args: unknown,
    readonly attempt: number,
    readonly recovery: RecoveryInfo | null,
  ) {
    super(call)
  }
}
