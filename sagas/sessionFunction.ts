import type { SessionId } from '../slices/facts.js'
import type { AnswerOutcome } from '../slices/rules/answers.js'
import { describeError, isRuntimeError } from '../slices/rules/errors.js'
import { classifyFailure } from '../slices/rules/failures.js'
import { mayBeForgotten } from '../slices/scopes.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { invoke, type Outcome } from './invoke.js'
import { durable, restore, stopsSession } from './journal.js'
import type { Resumption } from './resumption.js'
import { recordRun, takeUp } from './runs.js'
import {
  cancelSession,
  completeSession,
  failSession,
  functionOf,
  goesOn,
  isParked,
  openSession,
  parkSession,
  type OpenRequest,
} from './session.js'
import { SessionEndedError, SessionParkedError } from './sessionErrors.js'
import { waitToOpen } from './waitForLive.js'

export interface SessionRequest<T> extends OpenRequest {
  /** The user's function. */
  readonly thunk: (sessionId: SessionId) => T | PromiseLike<T>
  readonly signal: AbortSignal | undefined
  /** What to do with calls that still run when the function has returned. */
  readonly leftovers: 'wait' | 'abort'
  /** Whether to go on where another process stopped. */
  readonly resume: boolean
}

/**
 * Opens a session, runs the user's function in it, and closes it as completed, failed or cancelled. If its thread has begun the
 * function before, it goes on there; if the function has returned, that is returned again.
 */
export function* sessionSaga<T>(context: Context, request: SessionRequest<T>): Saga<T> {
  request.signal?.throwIfAborted()
  yield* waitToOpen(context, request.signal)
  const recalled = yield* recall(context, request)
  if (recalled) return restore(recalled) as T
  const earlier = takeUp(context, request)
  if (earlier.kind === 'returned') return restore(earlier.outcome) as T
  const sessionId = earlier.kind === 'resumed' ? earlier.sessionId : openSession(context, request)
  const call = context.calls.begin(functionOf(sessionId), request.signal)
  // The function is a call too, but not one that its session waits for.
  const outcome = yield* wait(invoke(context.clock, call, () => runToTheEnd(context, request, sessionId), null))
  call.end()
  context.calls.forget(functionOf(sessionId))
  const resumption = context.resumptions.get(sessionId)
  context.resumptions.delete(sessionId)
  if (outcome.kind === 'returned' && !resumption?.failure) {
    return yield* conclude(context, request, sessionId, outcome.value)
  }
  throw yield* giveUp(context, sessionId, outcome, resumption)
}

/** Ends or parks a session whose function did not return. Answers with what its caller gets, once all that is durable. */
function* giveUp<T>(
  context: Context,
  sessionId: SessionId,
  outcome: Outcome<T>,
  resumption: Resumption | undefined,
): Saga<unknown> {
  const error = resumption?.failure ?? reasonOf(outcome)
  // Before it has asked for all that it had got, it cannot have failed: another version of it has, and what was paid stays.
  const isStopped = resumption?.failure !== undefined || stopsSession(error) || resumption?.isBehind
  if (outcome.kind === 'aborted') cancelSession(context, sessionId, 'signal aborted')
  else if (isStopped) yield parkSession(context, sessionId)
  else endWithError(context, sessionId, error)
  yield* durable(context)
  return error
}

function reasonOf<T>(outcome: Outcome<T>): unknown {
  if (outcome.kind === 'aborted') return outcome.reason
  return outcome.kind === 'returned' ? undefined : outcome.error
}

function* recall<T>(context: Context, { threadId, run, resume }: SessionRequest<T>): Saga<AnswerOutcome | undefined> {
  if (threadId === null || run === null || !resume || !mayBeForgotten(context.state(), threadId)) return undefined
  return (yield context.recall(threadId, run)) as AnswerOutcome | undefined
}

/** A session is complete when its function has returned and nothing that it began is in flight. */
async function runToTheEnd<T>(context: Context, request: SessionRequest<T>, sessionId: SessionId): Promise<T> {
  const value = await request.thunk(sessionId)
  context.resumptions.get(sessionId)?.assertExhausted()
  if (request.leftovers === 'abort') context.calls.abortCalls(sessionId, new SessionEndedError(sessionId, 'completed'))
  await context.calls.settled(sessionId)
  return value
}

function* conclude<T>(context: Context, request: SessionRequest<T>, sessionId: SessionId, value: T): Saga<T> {
  const { threadId, run } = request
  // In the moment in which it returned: whoever takes it up gets the same once more.
  if (isParked(context, sessionId)) throw new SessionParkedError(sessionId)
  if (goesOn(context, sessionId)) completeSession(context, sessionId)
  if (threadId !== null && run !== null && context.recording.results === 'json') {
    recordRun(context, { sessionId, threadId, run }, value)
  }
  yield* durable(context)
  return value
}

function endWithError(context: Context, sessionId: SessionId, error: unknown): void {
  if (!goesOn(context, sessionId)) return
  if (isRuntimeError(error) && error.code === 'governance_breach') {
    return failSession(context, sessionId, 'governance breach', 'governance_breach')
  }
  const { failureClass } = classifyFailure(error)
  if (failureClass === 'cancelled') cancelSession(context, sessionId, 'session function was aborted')
  else failSession(context, sessionId, `${describeError(error).name} raised`, failureClass)
}
