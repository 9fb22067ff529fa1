import type { SessionId } from '../slices/facts.js'
import { sessionCancelled, sessionCompleted, sessionFailed, sessionOpened, sessionsEvicted } from '../slices/facts.js'
import { AgentRuntimeError, describeError, NotFoundError } from '../slices/rules/errors.js'
import { classifyFailure, type FailureClass } from '../slices/rules/failures.js'
import { canTransition, InvalidTransitionError, isTerminal, type LifecycleStatus } from '../slices/rules/lifecycle.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { selectEvictable, selectSession, type Session } from '../slices/sessions.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { invoke } from './invoke.js'

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

  constructor(readonly sessionId: SessionId) {
    super(`session ${sessionId} was cancelled`)
  }
}

export interface OpenRequest {
  readonly orchestratorId: string
  readonly threadId: string | null
  /** The worker that a handoff registered, if this session picks one up. */
  readonly adopt: SessionId | null
}

export interface SessionRequest<T> extends OpenRequest {
  /** The user's function. */
  readonly run: (sessionId: SessionId) => T | PromiseLike<T>
  readonly signal: AbortSignal | undefined
}

/** Opens a session, runs the user's function in it, and closes it as completed, failed or cancelled. */
export function* sessionSaga<T>(context: Context, request: SessionRequest<T>): Saga<T> {
  request.signal?.throwIfAborted()
  const sessionId = openSession(context, request)
  const call = context.calls.begin(`${sessionId}/function`, request.signal)
  const outcome = yield* wait(invoke(context.clock, call, () => runToTheEnd(context, request, sessionId), null))
  call.end()
  switch (outcome.kind) {
    case 'returned':
      if (isActive(context, sessionId)) completeSession(context, sessionId)
      return outcome.value
    case 'aborted':
      cancelSession(context, sessionId, 'signal aborted')
      throw outcome.reason
    case 'threw':
    case 'timed_out':
      endWithError(context, sessionId, outcome.error)
      throw outcome.error
  }
}

/** A session is complete when its function has returned and nothing that it began is in flight. */
async function runToTheEnd<T>(context: Context, request: SessionRequest<T>, sessionId: SessionId): Promise<T> {
  const value = await request.run(sessionId)
  await context.calls.settled(sessionId)
  return value
}

/** @throws {NotFoundError} The handoff to pick up is unknown, or somebody picked it up already. */
export function openSession(context: Context, { orchestratorId, threadId, adopt }: OpenRequest): SessionId {
  const state = context.state()
  if (adopt !== null && selectSession(state, adopt)?.lifecycle.status !== 'initializing') {
    throw new NotFoundError('handoff', adopt)
  }
  const { role, phase, projectId } = selectOrchestrator(state, orchestratorId)
  const sessionId = adopt ?? `session-${state.sessions.count + 1}`
  const project = projectId ?? selectSession(state, sessionId)?.projectId ?? null
  context.record(sessionOpened({ sessionId, orchestratorId, role, phase, projectId: project, threadId }))
  return sessionId
}

export function completeSession(context: Context, sessionId: SessionId, detail?: string): void {
  assertCanBecome(context, sessionId, 'completed')
  context.record(sessionCompleted({ sessionId, ...(detail === undefined ? {} : { detail }) }))
  afterEnd(context, sessionId, new SessionEndedError(sessionId, 'completed'))
}

export function failSession(context: Context, sessionId: SessionId, detail: string, failureClass: FailureClass): void {
  assertCanBecome(context, sessionId, 'failed')
  context.record(sessionFailed({ sessionId, failureClass, detail }))
  afterEnd(context, sessionId, new SessionEndedError(sessionId, 'failed'))
}

/** Cancelling is what anybody may do at any time: an ended session stays as it is. */
export function cancelSession(context: Context, sessionId: SessionId, detail?: string): void {
  if (!isActive(context, sessionId)) return
  context.record(sessionCancelled({ sessionId, ...(detail ? { detail } : {}) }))
  afterEnd(context, sessionId, new SessionCancelledError(sessionId))
}

/** A session that was opened and has not ended. */
export interface ActiveSession extends Session {
  readonly orchestratorId: string
}

export function requireActive(context: Context, sessionId: SessionId): ActiveSession {
  const session = selectSession(context.state(), sessionId)
  if (!session) throw new SessionEndedError(sessionId, 'evicted')
  const { status } = session.lifecycle
  if (isTerminal(status)) throw new SessionEndedError(sessionId, status)
  if (session.orchestratorId === null) throw new InvalidTransitionError(status, 'running')
  return session as ActiveSession
}

/** Aborts what still runs in a session that has ended, and forgets the oldest ended ones. */
export function afterEnd(context: Context, sessionId: SessionId, reason: AgentRuntimeError): void {
  context.calls.abortAll(sessionId, reason)
  const sessionIds = selectEvictable(context.state(), context.retainEndedSessions)
  if (sessionIds.length > 0) context.record(sessionsEvicted({ sessionIds }))
}

export function assertCanBecome(context: Context, sessionId: SessionId, status: LifecycleStatus): void {
  const { lifecycle } = requireActive(context, sessionId)
  if (!canTransition(lifecycle.status, status)) throw new InvalidTransitionError(lifecycle.status, status)
}

function endWithError(context: Context, sessionId: SessionId, error: unknown): void {
  if (!isActive(context, sessionId)) return
  const { failureClass } = classifyFailure(error)
  if (failureClass === 'cancelled') cancelSession(context, sessionId, 'session function was aborted')
  else failSession(context, sessionId, `${describeError(error).name} raised`, failureClass)
}

function isActive(context: Context, sessionId: SessionId): boolean {
  const session = selectSession(context.state(), sessionId)
  return session !== undefined && !isTerminal(session.lifecycle.status)
}
