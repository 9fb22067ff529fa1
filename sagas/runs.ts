import type { SessionId } from '../slices/facts.js'
import { sessionResumed, sessionReturned } from '../slices/facts.js'
import type { AnswerOutcome, Question } from '../slices/rules/answers.js'
import { AgentRuntimeError, InvalidArgumentError } from '../slices/rules/errors.js'
import { isTerminal } from '../slices/rules/lifecycle.js'
import { own } from '../slices/rules/own.js'
import { selectThread } from '../slices/scopes.js'
import { selectSession, type Session } from '../slices/sessions.js'
import type { Context } from './context.js'
import { warnAboutLost } from './journal.js'
import { outcomeOf, recordable } from './recording.js'
import { Resumption } from './resumption.js'
import { cancelParked, functionOf } from './session.js'
import { RuntimeDrainingError } from './sessionErrors.js'

/** The function of this thread is being run, here. Nothing was opened. */
export class ThreadBusyError extends AgentRuntimeError {
  override readonly name = 'ThreadBusyError'
  readonly code = 'thread_busy'

  constructor(
    readonly threadId: string,
    readonly sessionId: SessionId,
  ) {
    super(`thread ${threadId} is being run, by ${sessionId}`)
  }
}

/**
 * The thread was left unfinished, and the log has not what it takes to go on: results were not recorded, or one of them is not JSON.
 * Nothing was called. `resume: false` begins anew.
 */
export class ThreadNotResumableError extends AgentRuntimeError {
  override readonly name = 'ThreadNotResumableError'
  readonly code = 'thread_not_resumable'

  /**
   * @param lost - What the first question asked for whose answer is not recorded.
   * @param what - What is missing, in words.
   */
  constructor(
    readonly threadId: string,
    readonly sessionId: SessionId,
    readonly lost: Question | null,
    what = lost ? `the result of ${`${lost.kind} ${lost.name}`.trimEnd()}, which is not JSON` : 'its results',
  ) {
    super(`thread ${threadId} cannot be taken up: ${sessionId} did not record ${what}. resume: false begins anew`)
  }
}

/** The function of a thread that is to be run. */
export interface RunRequest {
  readonly orchestratorId: string
  readonly threadId: string | null
  /** Under which name the thread knows it. */
  readonly run: string | null
  /** Whether to go on where another process stopped. */
  readonly resume: boolean
}

/** What a thread has of a function: what it returned, the session that it ran in, or nothing. */
export type EarlierRun =
  | { readonly kind: 'returned'; readonly outcome: AnswerOutcome }
  | { readonly kind: 'resumed'; readonly sessionId: SessionId }
  | { readonly kind: 'none' }

const none: EarlierRun = { kind: 'none' }

/**
 * Looks for what a thread has of a function, and takes up the session that was left unfinished.
 *
 * @throws {ThreadBusyError | ThreadNotResumableError | RuntimeDrainingError}
 */
export function takeUp(context: Context, { orchestratorId, threadId, run, resume }: RunRequest): EarlierRun {
  const thread = threadId === null ? undefined : selectThread(context.state(), threadId)
  const known = thread && run !== null ? own(thread.runs, run) : undefined
  if (!known || threadId === null) return none
  const { sessionId, returned } = known
  const session = selectSession(context.state(), sessionId)
  if (!resume) {
    // Nothing begins anew while the runtime goes down: what was parked stays.
    if (session && !context.draining.aborted) cancelParked(context, session)
    return none
  }
  if (returned) return returnAgain(threadId, sessionId, returned)
  if (!session || isOver(session)) return none
  const { journal, lifecycle } = session
  const isHere = context.calls.isRunning(functionOf(sessionId)) || (lifecycle.parkedAt === null && !hasEnded(session))
  if (isHere && journal.results === 'none') return none
  if (isHere) throw new ThreadBusyError(threadId, sessionId)
  if (context.draining.aborted) throw new RuntimeDrainingError()
  if (journal.results === 'json' && context.recording.results === 'none') {
    throw new InvalidArgumentError('record.results', 'none', `'json' to take up thread ${threadId}, or resume: false`)
  }
  assertResumable(threadId, session)
  begin(context, session, orchestratorId)
  return { kind: 'resumed', sessionId }
}

/** What a function returned, for whoever runs it again in its thread. */
export function recordRun(
  context: Context,
  { sessionId, threadId, run }: { readonly sessionId: SessionId; readonly threadId: string; readonly run: string },
  value: unknown,
): void {
  const recorded = recordable(value, context.recording.redact, { kind: 'session', name: '' })
  if ('lost' in recorded) warnAboutLost(context, { kind: 'session', name: '' }, recorded.lost)
  context.record(sessionReturned({ sessionId, threadId, run, outcome: outcomeOf(recorded) }))
}

function returnAgain(threadId: string, sessionId: SessionId, outcome: AnswerOutcome): EarlierRun {
  if (outcome.kind === 'lost') {
    throw new ThreadNotResumableError(threadId, sessionId, null, 'what its function returned, which is not JSON')
  }
  return { kind: 'returned', outcome }
}

/** A session that failed or was cancelled is not taken up. One that ended well may not have returned. */
function isOver({ lifecycle: { status }, journal }: Session): boolean {
  return isTerminal(status) && (status !== 'completed' || journal.results === 'none')
}

function hasEnded({ lifecycle }: Session): boolean {
  return isTerminal(lifecycle.status)
}

function assertResumable(threadId: string, { id, journal, turns, tools, requests }: Session): void {
  if (journal.lost) throw new ThreadNotResumableError(threadId, id, journal.lost)
  const hasBegun = turns.started > 0 || tools.started > 0 || requests.count > 0
  if (journal.results === 'none' && hasBegun) {
    throw new ThreadNotResumableError(threadId, id, null, "its results: record was not { results: 'json' }")
  }
}

function begin(context: Context, session: Session, orchestratorId: string): void {
  const { id: sessionId, journal, requests } = session
  const asked = [...requests.pending, ...(requests.answered ?? [])].map(({ requestId }) => requestId)
  context.resumptions.set(sessionId, new Resumption(sessionId, journal, asked, context))
  if (!hasEnded(session)) context.record(sessionResumed({ sessionId, orchestratorId }))
}
