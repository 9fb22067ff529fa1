import type { SessionId } from '../slices/facts.js'
import {
  sessionCancelled,
  sessionCompleted,
  sessionFailed,
  sessionOpened,
  sessionParked,
  sessionsEvicted,
  threadsEvicted,
} from '../slices/facts.js'
import { NotFoundError } from '../slices/rules/errors.js'
import type { FailureClass } from '../slices/rules/failures.js'
import { canTransition, InvalidTransitionError, isTerminal, type LifecycleStatus } from '../slices/rules/lifecycle.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { selectEvictableThreads } from '../slices/scopes.js'
import { selectEvictable, selectSession, type Session } from '../slices/sessions.js'
import type { Context } from './context.js'
import { RuntimeDrainingError, SessionCancelledError, SessionEndedError, SessionParkedError } from './sessionErrors.js'

export interface OpenRequest {
  readonly orchestratorId: string
  readonly threadId: string | null
  /** The worker that a handoff registered, if this session picks one up. */
  readonly adopt: SessionId | null
  /** Under which name its thread knows what its function returns. `null`: it has no thread, or no function. */
  readonly run: string | null
}

export function functionOf(sessionId: SessionId): string {
  return `${sessionId}/function`
}

/** @throws {NotFoundError} The handoff to pick up is unknown, or somebody picked it up already. */
export function openSession(context: Context, { orchestratorId, threadId, adopt, run }: OpenRequest): SessionId {
  if (context.draining.aborted) throw new RuntimeDrainingError()
  const state = context.state()
  if (adopt !== null && selectSession(state, adopt)?.lifecycle.status !== 'initializing') {
    throw new NotFoundError('handoff', adopt)
  }
  const { role, phase, projectId } = selectOrchestrator(state, orchestratorId)
  const sessionId = adopt ?? `session-${state.sessions.count + 1}`
  const project = projectId ?? selectSession(state, sessionId)?.projectId ?? null
  const results = run === null ? 'none' : context.recording.results
  context.record(sessionOpened({ sessionId, orchestratorId, role, phase, projectId: project, threadId, run, results }))
  return sessionId
}

export function completeSession(context: Context, sessionId: SessionId, detail?: string): void {
  assertCanBecome(context, sessionId, 'completed')
  context.record(sessionCompleted({ sessionId, ...(detail === undefined ? {} : { detail }) }))
  concludeSession(context, sessionId)
}

export function failSession(context: Context, sessionId: SessionId, detail: string, failureClass: FailureClass): void {
  assertCanBecome(context, sessionId, 'failed')
  context.record(sessionFailed({ sessionId, failureClass, detail }))
  abortSession(context, sessionId, new SessionEndedError(sessionId, 'failed'))
}

/** Cancelling is what anybody may do at any time: a session that has ended, or was parked, stays as it is. */
export function cancelSession(context: Context, sessionId: SessionId, detail?: string): void {
  if (!goesOn(context, sessionId)) return
  context.record(sessionCancelled({ sessionId, ...(detail ? { detail } : {}) }))
  abortSession(context, sessionId, new SessionCancelledError(sessionId, detail ?? null))
}

/** A session that nobody will take up again. */
export function cancelParked(context: Context, { id: sessionId, lifecycle }: Session, detail = 'abandoned'): void {
  if (lifecycle.parkedAt === null || isTerminal(lifecycle.status)) return
  context.record(sessionCancelled({ sessionId, detail }))
  evict(context)
}

/** A session cannot go on here. It has not ended; what it runs is aborted. */
export function parkSession(context: Context, sessionId: SessionId): Promise<void> {
  if (goesOn(context, sessionId)) context.record(sessionParked({ sessionId }))
  return stopSession(context, sessionId, new SessionParkedError(sessionId))
}

/** The same from outside: what runs the session's function is told as well. */
export function cancelFromOutside(context: Context, sessionId: SessionId, detail?: string): void {
  const session = selectSession(context.state(), sessionId)
  // Those who clean up after a runtime that goes down do not decide that nobody takes its sessions up.
  if (session && !context.draining.aborted) cancelParked(context, session, detail)
  if (!goesOn(context, sessionId)) return
  cancelSession(context, sessionId, detail)
  context.calls.abortCalls(functionOf(sessionId), new SessionCancelledError(sessionId, detail ?? null))
}

/** Cancels a session, as long as it runs, when a signal is aborted. */
export function cancelWith(context: Context, sessionId: SessionId, signal: AbortSignal): void {
  const stop = context.calls.watch(signal, () => cancelSession(context, sessionId, 'signal aborted'))
  context.calls.signalOf(sessionId).addEventListener('abort', stop, { once: true })
}

/** Aborted once the session is over and nothing that it began is in flight. */
export function signalOf(context: Context, sessionId: SessionId): AbortSignal {
  if (goesOn(context, sessionId) || context.calls.isRunning(sessionId)) return context.calls.signalOf(sessionId)
  if (isParked(context, sessionId)) return AbortSignal.abort(new SessionParkedError(sessionId))
  const status = selectSession(context.state(), sessionId)?.lifecycle.status ?? 'evicted'
  return AbortSignal.abort(new SessionEndedError(sessionId, status))
}

/** A session ended well. What it still runs may finish; nothing new may begin, and nobody is asked any more. */
export function concludeSession(context: Context, sessionId: SessionId): void {
  const reason = new SessionEndedError(sessionId, 'completed')
  context.people.dismiss(sessionId, reason)
  void context.calls.conclude(sessionId, reason).then(() => evict(context))
  evict(context)
}

/** Everything that a session runs stops here, and its function is told. Resolves when what it ran has settled. */
async function stopSession(context: Context, sessionId: SessionId, reason: Error): Promise<void> {
  const settled = context.calls.settled(sessionId)
  context.calls.abortAll(sessionId, reason)
  context.calls.abortCalls(functionOf(sessionId), reason)
  await settled
}

/** The same for what sessions that have ended left running. */
export function stopLeftovers(context: Context): readonly Promise<void>[] {
  return context.calls.running().map((owner) => {
    const [sessionId = owner] = owner.split('/')
    const status = selectSession(context.state(), sessionId)?.lifecycle.status ?? 'evicted'
    return stopSession(context, sessionId, new SessionEndedError(sessionId, status))
  })
}

/** Calls that are aborted still record what they used. */
function abortSession(context: Context, sessionId: SessionId, reason: Error): void {
  const settled = context.calls.isRunning(sessionId) ? context.calls.settled(sessionId) : undefined
  context.calls.abortAll(sessionId, reason)
  void settled?.then(() => evict(context))
  evict(context)
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
  if (session.lifecycle.parkedAt !== null) throw new SessionParkedError(sessionId)
  if (session.orchestratorId === null) throw new InvalidTransitionError(status, 'running')
  return session as ActiveSession
}

/** Forgets the oldest ended sessions and threads that are more than may be kept. */
function evict(context: Context): void {
  const sessionIds = selectEvictable(context.state(), context.retainEndedSessions)
  if (sessionIds.length > 0) context.record(sessionsEvicted({ sessionIds }))
  const threadIds = selectEvictableThreads(context.state(), context.retainThreads)
  if (threadIds.length > 0) context.record(threadsEvicted({ threadIds }))
}

export function assertCanBecome(context: Context, sessionId: SessionId, status: LifecycleStatus): void {
  const { lifecycle } = requireActive(context, sessionId)
  if (!canTransition(lifecycle.status, status)) throw new InvalidTransitionError(lifecycle.status, status)
}

/** Whether a session cannot go on here, and has not ended. */
export function isParked(context: Context, sessionId: SessionId): boolean {
  const lifecycle = selectSession(context.state(), sessionId)?.lifecycle
  return typeof lifecycle?.parkedAt === 'number' && !isTerminal(lifecycle.status)
}

/** Whether a session has neither ended nor been parked. */
export function goesOn(context: Context, sessionId: SessionId): boolean {
  const session = selectSession(context.state(), sessionId)
  return session !== undefined && !isTerminal(session.lifecycle.status) && session.lifecycle.parkedAt === null
}
