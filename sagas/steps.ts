import type { SessionId } from '../slices/facts.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { invoke, sleep } from './invoke.js'
import { answer, answerNow, questionOf } from './journal.js'
import { requireActive } from './session.js'

/** What a step's function gets. */
export interface StepCall {
  /** Aborted when the session ends, and by the caller's own signal. */
  readonly signal: AbortSignal
}

export interface StepRequest<T> {
  readonly sessionId: SessionId
  readonly name: string
  readonly thunk: (call: StepCall) => T | PromiseLike<T>
  readonly signal: AbortSignal | undefined
}

export interface SleepRequest {
  readonly sessionId: SessionId
  readonly ms: number
  readonly signal: AbortSignal | undefined
}

/** Unix ms. The same when the session is taken up again. */
export function readClock(context: Context, sessionId: SessionId): number {
  return answerNow(context, {
    sessionId,
    question: () => questionOf('now', '', {}),
    live: () => context.clock.now(),
  })
}

/** Uniform in [0, 1). The same when the session is taken up again. */
export function drawRandom(context: Context, sessionId: SessionId): number {
  return answerNow(context, {
    sessionId,
    question: () => questionOf('random', '', {}),
    live: () => context.random(),
  })
}

/** Calls a function of the user's that is neither a turn nor a tool, once. */
export function* stepSaga<T>(context: Context, { sessionId, name, thunk, signal }: StepRequest<T>): Saga<T> {
  return yield* answer(context, {
    sessionId,
    signal,
    question: () => questionOf('step', name, {}),
    live: () => inCall(context, sessionId, signal, (call) => runStep(context, call, thunk)),
  })
}

/**
 * Waits until a moment that is fixed when it begins: who takes the session up waits for what is left of it. How the wait ended is an
 * answer of its own, so that a race against it ends as it did.
 */
export function* sleepSaga(context: Context, { sessionId, ms, signal }: SleepRequest): Saga<void> {
  const { name, wakesAt } = yield* answer(context, {
    sessionId,
    signal,
    question: () => questionOf('sleep', '', { ms }),
    *live() {
      const { journal } = requireActive(context, sessionId)
      return { name: `sleep-${journal.count + 1}`, wakesAt: context.clock.now() + ms }
    },
  })
  yield* answer(context, {
    sessionId,
    question: () => questionOf('sleep', name, {}),
    live: () => inCall(context, sessionId, signal, (call) => sleep(context.clock, call, wakesAt - context.clock.now())),
  })
}

function* inCall<T>(
  context: Context,
  sessionId: SessionId,
  signal: AbortSignal | undefined,
  run: (call: RunningCall) => Saga<T>,
): Saga<T> {
  requireActive(context, sessionId)
  signal?.throwIfAborted()
  const call = context.calls.begin(sessionId, signal)
  try {
    return yield* run(call)
  } finally {
    call.end()
  }
}

function* runStep<T>(context: Context, call: RunningCall, thunk: StepRequest<T>['thunk']): Saga<T> {
  const { signal } = call
  const outcome = yield* wait(invoke(context.clock, call, () => thunk({ signal }), null))
  if (outcome.kind === 'returned') return outcome.value
  throw outcome.kind === 'aborted' ? outcome.reason : outcome.error
}
