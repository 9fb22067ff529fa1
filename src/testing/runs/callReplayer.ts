import type { Redact } from '../../../sagas/recording.js'
import { cancelledBy } from '../../../sagas/settlement.js'
import type { Session } from '../../../slices/sessions.js'
import { firstDifference } from '../../history/differences.js'
import { shown } from '../expectationError.js'
import { restoreFailure } from './failures.js'
import { FixtureDivergedError } from './fixtureErrors.js'
import type { InterceptedCall, Interceptor } from './intercept.js'
import { describeQuestion, questionOf } from './question.js'
import type { AwaitedCall, RecordedSession } from './recordedSessions.js'
import { RecordedSessions } from './recordedSessions.js'
import type { CallQuestion, RecordedRun } from './recordedRun.js'
import type { ReplayClock } from './replayClock.js'

interface CallReplayerOptions {
  readonly clock: ReplayClock
  readonly redact: Redact | undefined
  session(sessionId: string): Session | undefined
  /** The `seq` of the last fact. */
  head(): number
}

/** Answers calls from a recording. Nothing is called. */
export class CallReplayer implements Interceptor {
  readonly #sessions: RecordedSessions
  readonly #options: CallReplayerOptions
  #failure: FixtureDivergedError | undefined
  #failedAt = Infinity

  constructor(run: RecordedRun, options: CallReplayerOptions) {
    this.#sessions = new RecordedSessions(run)
    this.#options = options
  }

  /** The first divergence, whatever the agent made of it. */
  get failure(): FixtureDivergedError | undefined {
    return this.#failure
  }

  /** The `seq` of the first fact that may be a consequence of it. Infinity: there was none. */
  get failedAt(): number {
    return this.#failedAt
  }

  /** Recorded calls that nobody has asked for. */
  unasked(): readonly AwaitedCall[] {
    return this.#sessions.unasked()
  }

  /** As {@link RecordedSessions.nextIndex}. */
  nextIndex(): number {
    return this.#sessions.nextIndex()
  }

  async answer<T>(intercepted: InterceptedCall): Promise<T> {
    const startedAt = this.#options.clock.now()
    const answer = this.#find(intercepted)
    const { recorded, index: rank } = answer
    const { signal } = intercepted.call
    const { outcome, tookMs } = recorded
    const endsAt = startedAt + tookMs
    switch (outcome.kind) {
      case 'returned':
        await this.#options.clock.until(endsAt, { kind: 'answer', rank }, signal)
        return structuredClone(outcome.value) as T
      case 'threw':
        await this.#options.clock.until(endsAt, { kind: 'answer', rank }, signal)
        throw restoreFailure(outcome.error)
      case 'abandoned':
        await this.#options.clock.until(endsAt, { kind: 'given_up', rank }, signal)
        throw this.#failLater(notGivenUp(answer))
      case 'unfinished':
        return aborted(signal)
      case 'streamed':
        throw this.#fail(otherKind(answer, 'a stream', 'one answer'))
    }
  }

  stream<Chunk>(intercepted: InterceptedCall & { readonly kind: 'turn' }): AsyncIterable<Chunk> {
    const startedAt = this.#options.clock.now()
    return this.#chunks<Chunk>(intercepted, this.#find(intercepted), startedAt)
  }

  async *#chunks<Chunk>(
    { call: { signal } }: InterceptedCall,
    answer: AwaitedCall,
    startedAt: number,
  ): AsyncGenerator<Chunk, void, undefined> {
    const { clock } = this.#options
    const { recorded, index: rank } = answer
    const { outcome, tookMs } = recorded
    if (outcome.kind === 'unfinished') await aborted(signal)
    if (outcome.kind === 'abandoned') {
      await clock.until(startedAt + tookMs, { kind: 'given_up', rank }, signal)
      throw this.#failLater(notGivenUp(answer))
    }
    if (outcome.kind !== 'streamed') throw this.#fail(otherKind(answer, 'one answer', 'a stream'))
    for (const [index, { atMs, chunk }] of outcome.chunks.entries()) {
      await clock.until(startedAt + atMs, { kind: 'answer', rank: Infinity }, signal)
      let isReadOn = false
      try {
        yield structuredClone(chunk) as Chunk
        isReadOn = true
      } finally {
        const isLeft = !isReadOn && cancelledBy(signal.reason) === 'abandoned_stream'
        if (isLeft && index + 1 < outcome.chunks.length) this.#failLater(leftEarly(answer, index + 1))
      }
    }
    const wasLeft = outcome.end === 'left'
    await clock.until(startedAt + tookMs, { kind: wasLeft ? 'given_up' : 'answer', rank }, signal)
    if (wasLeft) throw this.#failLater(notGivenUp(answer))
    if (outcome.end !== 'done') throw restoreFailure(outcome.end)
  }

  /** @throws {FixtureDivergedError} The recording has no such call, or another one comes first. */
  #find(intercepted: InterceptedCall): AwaitedCall {
    if (this.#failure) throw this.#failure
    const { sessionId, kind } = intercepted
    const question = questionOf(intercepted, this.#options.redact)
    const caller = this.#options.session(sessionId)
    const session = caller && this.#sessions.of(sessionId, caller, question)
    const found = session?.find(question)
    const skipped = found && session?.findSkipped(found)
    if (!found || skipped)
      throw this.#fail(otherCall(question, caller?.role ?? sessionId, skipped ?? nearest(session, question)))
    found.isAsked = true
    if (kind === 'turn' && found.recorded.usage) intercepted.call.reportUsage(found.recorded.usage)
    return found
  }

  /** The call should not have begun: that it did is the last fact. */
  #fail(error: FixtureDivergedError, seq = this.#options.head()): FixtureDivergedError {
    if (!this.#failure) this.#failedAt = seq
    return (this.#failure ??= error)
  }

  /** The call began as it should. */
  #failLater(error: FixtureDivergedError): FixtureDivergedError {
    return this.#fail(error, this.#options.head() + 1)
  }
}

/** The call that was most likely meant. */
function nearest(session: RecordedSession | undefined, { kind, name }: CallQuestion): AwaitedCall | undefined {
  const unasked = session?.unasked() ?? []
  return unasked.find(({ recorded }) => recorded.kind === kind && recorded.name === name) ?? unasked[0]
}

function otherCall(asked: CallQuestion, role: string, expected: AwaitedCall | undefined): FixtureDivergedError {
  const now = describeQuestion(asked)
  if (!expected) {
    const what = `${role} asks for ${now}, and no more calls of it were recorded`
    return new FixtureDivergedError(what, { seq: null, path: 'kind', expected: null, actual: asked.kind })
  }
  const { seq } = expected.recorded
  const recorded = questionIn(expected)
  const difference = firstDifference(recorded, asked)
  if (!difference) {
    const what = `${role} asks for ${now} before ${describeQuestion(recorded)} of fact ${seq}`
    return new FixtureDivergedError(what, { seq, path: 'name', expected: recorded.name, actual: asked.name })
  }
  const { path, a = null, b = null } = difference
  const words = `${role} had asked for ${describeQuestion(recorded)} at fact ${seq}, and now asks for ${now}`
  return new FixtureDivergedError(`${words}: ${path} was ${shown(a)}, is ${shown(b)}`, {
    ...{ seq, path, expected: a, actual: b },
  })
}

function notGivenUp({ recorded }: AwaitedCall): FixtureDivergedError {
  const { seq, tookMs } = recorded
  const what = `${describeQuestion(recorded)} at fact ${seq} was given up after ${tookMs}ms, and now is waited for`
  return new FixtureDivergedError(what, { seq, path: 'outcome', expected: 'abandoned', actual: null })
}

function leftEarly({ recorded }: AwaitedCall, read: number): FixtureDivergedError {
  const { seq, outcome } = recorded
  const expected = outcome.kind === 'streamed' ? outcome.chunks.length : 0
  const what = `of ${describeQuestion(recorded)} at fact ${seq} were ${expected} chunks read, and now are ${read}`
  return new FixtureDivergedError(what, { seq, path: 'outcome.chunks.length', expected, actual: read })
}

function otherKind({ recorded }: AwaitedCall, expected: string, actual: string): FixtureDivergedError {
  const { seq } = recorded
  const what = `${describeQuestion(recorded)} at fact ${seq} was ${expected}, and now is ${actual}`
  return new FixtureDivergedError(what, { seq, path: 'outcome', expected, actual })
}

function questionIn({ recorded }: AwaitedCall): CallQuestion {
  const { kind, name, attempt, model, provider, input } = recorded
  return {
    ...{ kind, name, attempt },
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
    ...(input !== undefined && { input }),
  }
}

/** Settles when the call is given up. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
