import { turnBlocked, turnStarted, type SessionId, type TurnId } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { AgentRuntimeError, PaidTurnError } from '../slices/rules/errors.js'
import { classifyFailure } from '../slices/rules/failures.js'
import { findPrice } from '../slices/rules/prices.js'
import { noUsage, parseUsage, type UsageInput, type UsageSnapshot } from '../slices/rules/tokens.js'
import { admit, type Candidate } from './admission.js'
import { CallHandle, type RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { runGuardrails, type Guardrail, type GuardrailStage } from './guardrails.js'
import { invoke, type Timeout } from './invoke.js'
import { recordRecovery, type StepHandler } from './recovery.js'
import { requireActive } from './session.js'
import {
  checkBudget,
  recordCancelled,
  recordCompleted,
  recordFailed,
  type KnownUsage,
  type StartedTurn,
} from './settlement.js'

/** What the runtime hands to a turn's function. */
export interface TurnCall {
  /** Aborted by a timeout, by the turn's own signal, and when the session ends. A getter: a spread of the call does not copy it. */
  readonly signal: AbortSignal
  /**
   * Tells what the call has used so far, in full: each report replaces the one before. It is what counts if the call then fails,
   * times out or is aborted.
   */
  reportUsage(usage: UsageInput): void
}

/** Calls the model. The user's own SDK, prompts and keys stay in here. */
export type TurnThunk<T> = (call: TurnCall) => T | PromiseLike<T>

export interface TurnRequest<T> {
  readonly sessionId: SessionId
  readonly thunk: TurnThunk<T>
  /** `null`: the orchestrator's. */
  readonly model: string | null
  /** What the call uses, or how to read that from what it returned. Default: what it reported. */
  readonly usage: UsageSnapshot | ((value: T) => UsageInput) | undefined
  /** `null`: the orchestrator's. */
  readonly timeoutMs: number | null
  readonly signal: AbortSignal | undefined
  /** Shown to the guardrails that look at turns, and to nobody else. */
  readonly input: unknown
  readonly guardrails: readonly Guardrail[]
  readonly onRecoveryStep: StepHandler | undefined
}

export interface TurnResult<T> {
  readonly value: T
  readonly usage: UsageSnapshot
  readonly turnId: TurnId
}

/** The call took longer than it may. Its signal was aborted; what it still returns is ignored. */
export class TurnTimeoutError extends AgentRuntimeError {
  override readonly name = 'TurnTimeoutError'
  readonly code = 'turn_timeout'

  constructor(readonly timeoutMs: number) {
    super(`turn exceeded timeout of ${(timeoutMs / 1_000).toFixed(3)}s`)
  }
}

/** The model has answered, and what it used could not be read from its answer: `cause` says why. The turn is recorded. */
export class UsageUnreadableError extends PaidTurnError {
  override readonly name = 'UsageUnreadableError'
  readonly code = 'usage_unreadable'

  constructor(cause: unknown) {
    super('what the turn used could not be read from what it returned', { cause })
  }
}

/** Runs one model turn: decides whether it may run, calls the model, and accounts for what happened. */
export function* turnSaga<T>(context: Context, request: TurnRequest<T>): Saga<TurnResult<T>> {
  const { sessionId, signal } = request
  const config = selectOrchestrator(context.state(), requireActive(context, sessionId).orchestratorId)
  signal?.throwIfAborted()
  const candidate: Candidate = { sessionId, config, model: request.model ?? config.model }
  const call = context.calls.begin(sessionId, signal)
  try {
    yield* guard(context, request, candidate, 'pre')
    const turn = start(context, candidate, request.timeoutMs ?? config.turnTimeoutMs)
    return yield* attempt(context, request, turn, call)
  } finally {
    call.end()
  }
}

function start(context: Context, { sessionId, config, model }: Candidate, timeoutMs: number | null): StartedTurn {
  const price = model === null ? null : findPrice(context.state().pricing, model)
  const admission = admit(context, { sessionId, config, model }, price)
  const turnId = `turn-${requireActive(context, sessionId).turns.started + 1}`
  context.record(turnStarted({ sessionId, turnId, model, admission, timeoutMs }))
  return { sessionId, config, model, price, turnId, timeoutMs, admission }
}

function* attempt<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  call: RunningCall,
): Saga<TurnResult<T>> {
  let reported: KnownUsage
  const handle = new TurnHandle(call, (usage) => void (reported = parseUsage(usage)))
  const outcome = yield* wait(invoke(context.clock, call, () => request.thunk(handle), timeoutOf(turn)))
  switch (outcome.kind) {
    case 'returned':
      return yield* accept(context, request, turn, outcome.value, reported)
    case 'aborted':
      recordCancelled(context, turn, reported)
      throw outcome.reason
    case 'threw':
    case 'timed_out':
      yield* fail(context, request, turn, reported, outcome.error)
      throw outcome.error
  }
}

function* fail<T>(
  context: Context,
  { onRecoveryStep }: TurnRequest<T>,
  turn: StartedTurn,
  reported: KnownUsage,
  error: unknown,
): Saga<void> {
  const failure = classifyFailure(error)
  if (failure.failureClass === 'cancelled') return recordCancelled(context, turn, reported)
  recordFailed(context, turn, reported, error, failure)
  yield* recordRecovery(context, turn, failure.scenario, onRecoveryStep)
}

/** The model has answered. What it used is recorded before anything is decided about the answer. */
function* accept<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  value: T,
  reported: KnownUsage,
): Saga<TurnResult<T>> {
  const { usage, failure } = readUsage(request, value, reported)
  const result = { value, usage: usage ?? noUsage, turnId: turn.turnId }
  recordCompleted(context, turn, usage)
  if (failure) throw new UsageUnreadableError(failure.error).after(result)
  yield* guard(context, request, turn, 'post', { value })
  const overspent = checkBudget(context, turn)
  if (overspent) throw overspent.after(result)
  return result
}

function readUsage<T>(
  { usage }: TurnRequest<T>,
  value: T,
  reported: KnownUsage,
): { readonly usage: KnownUsage; readonly failure?: { readonly error: unknown } } {
  if (typeof usage !== 'function') return { usage: usage ?? reported }
  try {
    return { usage: parseUsage(usage(value)) }
  } catch (error) {
    return { usage: reported, failure: { error } }
  }
}

function* guard<T>(
  context: Context,
  { guardrails, input }: TurnRequest<T>,
  { sessionId, turnId, model, config }: Candidate,
  stage: GuardrailStage,
  answer?: { readonly value: T },
): Saga<void> {
  if (guardrails.length === 0) return
  const subject = { stage, kind: 'turn', role: config.role, name: model ?? '', input, ...answer } as const
  const error = yield* runGuardrails(guardrails, subject)
  if (!error) return
  context.record(
    turnBlocked({ sessionId, stage, guardrails: error.names, ...(turnId === undefined ? {} : { turnId }) }),
  )
  throw error
}

class TurnHandle extends CallHandle implements TurnCall {
  constructor(
    call: RunningCall,
    readonly reportUsage: (usage: UsageInput) => void,
  ) {
    super(call)
  }
}

function timeoutOf({ timeoutMs: ms }: StartedTurn): Timeout | null {
  return ms === null ? null : { ms, error: new TurnTimeoutError(ms) }
}
