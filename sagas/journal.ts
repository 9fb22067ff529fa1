import { callAnswered, type SessionId } from '../slices/facts.js'
import type { Answer, AnswerOutcome, Question } from '../slices/rules/answers.js'
import { isRuntimeError } from '../slices/rules/errors.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import { findNonJson } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { recordError, restoreError } from './recordedErrors.js'
import { outcomeOf, recordable, type Recordable, type RecordedAbout } from './recording.js'
import { isParked } from './session.js'
import { waitForLive } from './waitForLive.js'

/** How something that is asked for is found, what answers it, and how the answer is kept. */
export interface Asked<T> {
  readonly sessionId: SessionId
  readonly signal?: AbortSignal | undefined
  /** Only asked of sessions whose answers are kept: a fingerprint of what was given costs time. */
  question(): Question
  live(question: Question | undefined): Saga<T>
  /** Default: the value itself. */
  encode?(value: T, record: (value: unknown) => Recordable): Recordable
}

/**
 * Answers from the log what was answered there before, without calling anything. What is new is answered live, recorded, and durable
 * before it is returned.
 *
 * @throws {ReplayDivergenceError} The log has other answers, and nobody asked for them.
 */
export function* answer<T>(context: Context, asked: Asked<T>): Saga<T> {
  const { sessionId } = asked
  yield* waitForLive(context, sessionId, asked.signal)
  const resumption = context.resumptions.get(sessionId)
  if (!resumption && !keepsAnswers(context, sessionId)) {
    const value = yield* asked.live(undefined)
    yield* durable(context)
    return value
  }
  const question = asked.question()
  const known = (yield Promise.resolve(resumption?.ask(question))) as Answer | undefined
  if (known) return restore(known.outcome) as T
  return yield* answerLive(context, asked, question)
}

/** Answers what was not answered before, and records that. */
export function* answerLive<T>(context: Context, asked: Asked<T>, question: Question): Saga<T> {
  let value: T
  try {
    value = yield* asked.live(question)
  } catch (error) {
    if (recordThrown(context, asked.sessionId, question, error)) yield* durable(context)
    throw error
  }
  recordReturned(context, asked, question, value)
  yield* durable(context)
  return value
}

/** The same for what is answered at once. Durable with whatever is next. */
export function answerNow<T>(context: Context, asked: Pick<Asked<T>, 'sessionId' | 'question'> & { live(): T }): T {
  const { sessionId } = asked
  const resumption = context.resumptions.get(sessionId)
  if (!resumption && !keepsAnswers(context, sessionId)) return asked.live()
  const question = asked.question()
  const known = resumption?.askNow(question)
  if (known) return restore(known.outcome) as T
  const value = asked.live()
  // Whoever cleans up after a session that was parked may look at the clock. That is no part of what its function asks for.
  if (!isParked(context, sessionId)) recordReturned(context, { sessionId }, question, value)
  return value
}

/** Waits until everything that was recorded so far is durable. */
export function* durable(context: Context): Saga<void> {
  const flushed = context.flush()
  if (flushed) yield flushed
}

/** @param given - What was given with a question. What is not JSON does not count. */
export function questionOf(kind: Question['kind'], name: string, given: Readonly<Record<string, unknown>>): Question {
  const fields = Object.entries(given).filter(([, value]) => value !== undefined && findNonJson(value) === undefined)
  return { kind, name, fingerprint: fields.length === 0 ? null : fingerprint(Object.fromEntries(fields)) }
}

/** Whether what the session's function gets is recorded. One that has ended well may still ask, until it returns. */
function keepsAnswers(context: Context, sessionId: SessionId): boolean {
  const session = selectSession(context.state(), sessionId)
  if (session?.journal.results !== 'json') return false
  const { status } = session.lifecycle
  return status !== 'failed' && status !== 'cancelled'
}

/** @throws What the call had thrown. */
export function restore(outcome: AnswerOutcome): unknown {
  if (outcome.kind === 'threw') throw restoreError(outcome.error)
  return structuredClone(outcome.kind === 'returned' ? outcome.value : undefined)
}

/** Records what a question was answered with. */
function recordReturned<T>(
  context: Context,
  { sessionId, encode }: Pick<Asked<T>, 'sessionId' | 'encode'>,
  question: Question,
  value: T,
): void {
  if (!keepsAnswers(context, sessionId)) return
  const record = (part: unknown): Recordable => recordable(part, context.recording.redact, question)
  const recorded = encode ? encode(value, record) : record(value)
  if ('lost' in recorded) warnAboutLost(context, question, recorded.lost)
  context.record(callAnswered({ sessionId, ...question, outcome: outcomeOf(recorded) }))
}

/** Answers whether it is an answer. What stops the whole session is none: whoever takes it up asks again. */
function recordThrown(context: Context, sessionId: SessionId, question: Question, error: unknown): boolean {
  if (!keepsAnswers(context, sessionId) || stopsSession(error)) return false
  const recorded = recordError(error, context.recording.redact, question)
  context.record(callAnswered({ sessionId, ...question, outcome: { kind: 'threw', error: recorded } }))
  return true
}

const STOPS: readonly string[] = [
  'log_unavailable',
  'outcome_unknown',
  'replay_divergence',
  'session_parked',
  'time_travelling',
]

/** Whether an error says that a session cannot go on here, and nothing about how it ends. */
export function stopsSession(error: unknown): boolean {
  return isRuntimeError(error) && STOPS.includes(error.code)
}

/** @param about - `session`: what its function returned. */
export function warnAboutLost(context: Context, { kind, name }: RecordedAbout, path: string): void {
  const what = name === '' ? `a ${kind}` : `${kind} '${name}'`
  const message = `the result of ${what} is not recorded because ${path} is not JSON: its thread cannot be taken up after it`
  context.warn({ code: 'result_not_recorded', message })
}
