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
import { isToolInFlight } from '../slices/inFlight.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { askedAs, type Question } from '../slices/rules/answers.js'
import { describeError } from '../slices/rules/errors.js'
import { classifyFailure } from '../slices/rules/failures.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { authorize } from '../slices/rules/permissions.js'
import { selectSession } from '../slices/sessions.js'
import { checkToolCap } from './admission.js'
import { approve, type ToApprove } from './approvals.js'
import { CallHandle, type RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { requireGoverned } from './governance.js'
import { runGuardrails } from './guardrails.js'
import { runHooks, type HookInfo } from './hooks.js'
import { invoke, unlessAborted } from './invoke.js'
import { answer, durable, questionOf } from './journal.js'
import { assertOutcomeKnown, type AskedAgain } from './outcomeUnknown.js'
import type { RecoveryInfo } from './recovery.js'
import { isDecision, RecoveryPlan } from './recoveryPlan.js'
import { retryTool } from './retryTool.js'
import { requireActive } from './session.js'
import {
  PermissionDeniedError,
  ToolTimeoutError,
  type StartedTool,
  type ToolCall,
  type ToolRequest,
} from './toolRequest.js'

/** Calls a tool, or answers from the log what it returned before. */
export function* toolSaga<T>(context: Context, request: ToolRequest<T>): Saga<T> {
  const { sessionId, tool, args } = request
  const asked: AskedAgain<T> = {
    sessionId,
    signal: request.signal,
    question: () => questionOf('tool', tool, { args }),
    idempotent: request.idempotent,
    callAgain: (replaces) => (question) => runTool(context, request, { question, replaces }),
  }
  return yield* answer(context, {
    ...asked,
    live(question) {
      const replaces = assertOutcomeKnown(context, asked, question)
      return runTool(context, request, { question, replaces })
    },
  })
}

/** Why a tool is called, as far as the journal needs to know. */
interface Occasion {
  /** `undefined`: the session's answers are not kept. */
  readonly question: Question | undefined
  /** A call without an answer that this one is made in place of. */
  readonly replaces: ToolCallId | undefined
}

/** The order of checks: permission, usage limit, governance, hooks, guardrails, approval. */
function* runTool<T>(context: Context, request: ToolRequest<T>, occasion: Occasion): Saga<T> {
  const { sessionId, signal } = request
  const { orchestratorId } = requireActive(context, sessionId)
  const config = selectOrchestrator(context.state(), orchestratorId)
  signal?.throwIfAborted()
  assertPermitted(context, request, config)
  admit(context, request, 'tell')
  const call = context.calls.begin(sessionId, signal)
  try {
    const prepared = yield* prepare(context, request, config, call, occasion.question)
    return yield* attemptTool(context, prepared, start(context, prepared, config, occasion), call)
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

/** What alerts is told at the first look; a second look is only at what happened meanwhile. */
function admit<T>(context: Context, { sessionId, tool, args }: ToolRequest<T>, alerts: 'tell' | 'told'): void {
  checkToolCap(context, sessionId, () => block(context, { sessionId, tool }, { kind: 'usage_limit' }))
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
  question: Question | undefined,
): Saga<ToolRequest<T>> {
  const { hooks, guardrails } = request.functions
  const { sessionId, approval } = request
  if (hooks.length === 0 && guardrails.length === 0 && !approval) return request
  const args = yield* unlessAborted(call, runBeforeTool(context, request, config))
  let prepared = { ...request, args }
  yield* unlessAborted(call, guard(context, prepared, config))
  if (approval)
    prepared = { ...prepared, args: yield* askFirst(context, prepared, config, { approval, question }, call) }
  requireActive(context, sessionId)
  admit(context, prepared, 'told')
  return prepared
}

/** A person may have changed the arguments, and nobody is above the guardrails. */
function* askFirst<T>(
  context: Context,
  request: ToolRequest<T>,
  config: OrchestratorConfig,
  asking: Pick<ToApprove, 'approval' | 'question'>,
  call: RunningCall,
): Saga<unknown> {
  const { sessionId, tool, args: given } = request
  const { args, wereEdited } = yield* approve(context, { sessionId, tool, args: given, ...asking }, call)
  if (wereEdited) yield* unlessAborted(call, guard(context, { ...request, args }, config))
  return args
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

function start<T>(
  context: Context,
  request: ToolRequest<T>,
  config: OrchestratorConfig,
  { question, replaces }: Occasion,
): StartedTool {
  const { sessionId, tool, args, idempotent } = request
  const toolCallId = `tool-${requireActive(context, sessionId).tools.started + 1}`
  const timeoutMs = request.timeoutMs === undefined ? config.toolTimeoutMs : request.timeoutMs
  const fingerprint = fingerprintOf(tool, args)
  const about = { ...askedAs(question), ...(replaces !== undefined && { replaces }) }
  context.record(toolStarted({ sessionId, toolCallId, tool, fingerprint, timeoutMs, idempotent, ...about }))
  return { sessionId, toolCallId, tool, config, timeoutMs }
}

function* attemptTool<T>(context: Context, request: ToolRequest<T>, started: StartedTool, call: RunningCall): Saga<T> {
  const { sessionId, toolCallId, tool, timeoutMs: ms } = started
  const about = { sessionId, toolCallId, tool }
  const plan = new RecoveryPlan(started.config.recovery)
  for (let attempt = 1; ; attempt += 1) {
    yield* durable(context)
    const handle = new ToolHandle(call, request.args, attempt, plan.last)
    const timeout = ms === null ? null : { ms, error: new ToolTimeoutError(tool, ms) }
    const outcome = yield* wait(invoke(context.clock, call, () => request.thunk(handle), timeout))
    if (outcome.kind === 'returned') return yield* accept(context, request, started, outcome.value, call)
    if (outcome.kind === 'aborted') {
      context.record(toolCancelled(about))
      throw outcome.reason
    }
    const { error } = outcome
    const { scenario, failureClass } = classifyFailure(error)
    const mayRetry =
      request.idempotent &&
      started.config.recovery.mode === 'execute' &&
      failureClass !== 'cancelled' &&
      !isDecision(error)
    const failed = { attempt, error, scenario }
    if (mayRetry && (yield* retryTool(context, request, started, failed, plan, call))) continue
    if (!mayRetry) context.record(toolFailed({ ...about, error: describeError(error) }))
    throw error
  }
}

function* accept<T>(
  context: Context,
  request: ToolRequest<T>,
  started: StartedTool,
  returned: T,
  call: RunningCall,
): Saga<T> {
  const { sessionId, toolCallId, tool } = started
  const { hooks, guardrails } = request.functions
  const isLookedAt = hooks.length > 0 || guardrails.length > 0
  const value = isLookedAt ? yield* inspect(context, request, started, returned, call) : returned
  context.record(toolCompleted({ sessionId, toolCallId, tool }))
  return value
}

/** Guardrails see what the tool returned, and hooks may change it. */
function* inspect<T>(
  context: Context,
  request: ToolRequest<T>,
  started: StartedTool,
  value: T,
  call: RunningCall,
): Saga<T> {
  const { sessionId, toolCallId, tool, config } = started
  try {
    yield* unlessAborted(call, guard(context, request, config, { toolCallId, value }))
    return yield* unlessAborted(call, runAfterTool(context, request, started, value))
  } catch (error) {
    const session = selectSession(context.state(), sessionId)
    if (session && isToolInFlight(session.inFlight, toolCallId))
      context.record(toolCancelled({ sessionId, toolCallId, tool }))
    throw error
  }
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
