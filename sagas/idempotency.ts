import { turnKept, turnReplayed, turnRefused } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { AgentRuntimeError, InvalidArgumentError, PaidTurnError } from '../slices/rules/errors.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import { getEntry } from '../slices/rules/hashTable.js'
import { findNonJson, type Json } from '../slices/rules/json.js'
import { selectThread, type KeptTurn } from '../slices/scopes.js'
import { findExhaustedIterations } from './admission.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { requireGoverned } from './governance.js'
import { until } from './invoke.js'
import { requireActive } from './session.js'
import type { StartedTurn } from './startedTurn.js'
import type { SharedOutcome } from './sharedTurns.js'
import type { TurnRequest, TurnResult } from './turnRequest.js'

/** The key stands for a turn with another model or input, or for a stream's turn with an answer that is no text. Nothing was called. */
export class IdempotencyConflictError extends AgentRuntimeError {
  override readonly name = 'IdempotencyConflictError'
  readonly code = 'idempotency_conflict'

  constructor(readonly idempotencyKey: string) {
    super(`idempotency key '${idempotencyKey}' stands for a turn with another model or input`)
  }
}

/** The model has answered, and its answer cannot be kept for the idempotency key because it is not JSON. The turn is recorded. */
export class ResultNotSerializableError extends PaidTurnError {
  override readonly name = 'ResultNotSerializableError'
  readonly code = 'result_not_serializable'

  /** @param path - Where in the result the first thing is that JSON would lose or change. */
  constructor(
    readonly idempotencyKey: string,
    readonly path: string,
  ) {
    super(`the result of idempotency key '${idempotencyKey}' cannot be kept: ${path || 'it'} is not JSON`)
  }
}

/**
 * Runs a turn once for all that name its key in a thread: those that come later get what it answered, those that come while it
 * runs wait for it, and share its failure.
 *
 * @throws {IdempotencyConflictError | InvalidArgumentError}
 */
export function* answerOnce<T>(
  context: Context,
  request: TurnRequest<T>,
  key: string,
  call: RunningCall,
  run: (request: TurnRequest<T>) => Saga<TurnResult<T>>,
): Saga<TurnResult<T>> {
  const asked = keyOf(context, request, key)
  for (;;) {
    const kept = findKept(context, asked)
    if (kept) return replayTurn(context, request, key, kept)
    const running = context.sharedTurns.running(asked.id)
    if (!running) return yield* runShared(context, request, asked, call, run)
    assertSame(running, asked)
    const outcome = yield* until<SharedOutcome>(call, (resolve) => {
      void running.ended.then(resolve)
      return () => undefined
    })
    // Kept nevertheless: the turn was answered, and failed by what it took its own session over.
    if (outcome?.failure && !findKept(context, asked)) throw outcome.failure.error
  }
}

/** Keeps what a keyed turn answered. Returns why that cannot be done. */
export function keepResult<T>(
  context: Context,
  { idempotencyKey: key, fingerprint }: TurnRequest<T>,
  { sessionId, turnId, model, price }: StartedTurn,
  result: TurnResult<T>,
): ResultNotSerializableError | undefined {
  if (key === null || fingerprint === undefined) return undefined
  const lost = findNonJson(result.value)
  if (lost !== undefined) return new ResultNotSerializableError(key, lost)
  const kept = structuredClone(result.value) as Json
  context.record(turnKept({ sessionId, turnId, key, fingerprint, model, price, usage: result.usage, result: kept }))
  return undefined
}

/** What a key is asked for. */
interface Asked {
  readonly key: string
  readonly threadId: string
  /** Of the key in its thread. */
  readonly id: string
  /** Of the model and the input. */
  readonly fingerprint: string
}

function keyOf<T>(context: Context, { sessionId, model, input }: TurnRequest<T>, key: string): Asked {
  const { threadId, orchestratorId } = requireActive(context, sessionId)
  if (threadId === null) {
    throw new InvalidArgumentError('idempotencyKey', key, 'left out in a session without a threadId')
  }
  const named =
    typeof model === 'function' ? null : (model ?? selectOrchestrator(context.state(), orchestratorId).model)
  const print = fingerprint({ model: named, ...(input === undefined ? {} : { input }) })
  if (print === null) throw new InvalidArgumentError('input', input, 'JSON in a turn with an idempotency key')
  return { key, threadId, id: JSON.stringify([threadId, key]), fingerprint: print }
}

function findKept(context: Context, asked: Asked): KeptTurn | undefined {
  const thread = selectThread(context.state(), asked.threadId)
  const kept = thread && getEntry(thread.kept, asked.key)
  if (kept) assertSame(kept, asked)
  return kept
}

function assertSame(known: { readonly fingerprint: string }, { key, fingerprint }: Asked): void {
  if (known.fingerprint !== fingerprint) throw new IdempotencyConflictError(key)
}

function* runShared<T>(
  context: Context,
  request: TurnRequest<T>,
  { id, fingerprint }: Asked,
  call: RunningCall,
  run: (request: TurnRequest<T>) => Saga<TurnResult<T>>,
): Saga<TurnResult<T>> {
  const turn = context.sharedTurns.begin(id, fingerprint)
  const thunk: typeof request.thunk = (handle) => {
    turn.wasCalled = true
    return request.thunk(handle)
  }
  try {
    const result = yield* run({ ...request, fingerprint, thunk })
    turn.end({ failure: null })
    return result
  } catch (error) {
    // Refused or aborted: that was about this caller's session, and the next in line runs the turn.
    turn.end(turn.wasCalled && !call.aborted ? { failure: { error } } : undefined)
    throw error
  }
}

/** Counts as an iteration, so that a loop that is answered from its keys ends too. What it used counts for a session once. */
function replayTurn<T>(context: Context, { sessionId }: TurnRequest<T>, key: string, kept: KeptTurn): TurnResult<T> {
  const { model, price, usage, turnId } = kept
  const refuse = (reason: 'max_iterations_exceeded' | 'governance_breach'): void =>
    void context.record(turnRefused({ sessionId, model, reason }))
  const tooMany = findExhaustedIterations(context, requireActive(context, sessionId))
  if (tooMany) {
    refuse(tooMany.code)
    throw tooMany
  }
  requireGoverned(context, sessionId, { pending: { turns: 1 }, refuse: () => refuse('governance_breach') })
  const original = { sessionId: kept.sessionId, turnId }
  context.record(turnReplayed({ sessionId, key, original, model, price, usage }))
  return { value: structuredClone(kept.result) as T, usage, turnId, replayed: true }
}
