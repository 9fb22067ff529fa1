import type { Clock } from '../../../sagas/clock.js'
import type { Redact } from '../../../sagas/recording.js'
import { recordable } from '../../../sagas/recording.js'
import type { StreamThunk } from '../../../sagas/stream.js'
import type { Json } from '../../../slices/rules/json.js'
import { parseUsage, type UsageInput, type UsageSnapshot } from '../../../slices/rules/tokens.js'
import { recordFailure, restoreFailure } from './failures.js'
import { FixtureNotRecordableError } from './fixtureErrors.js'
import type { InterceptedCall, Interceptor } from './intercept.js'
import { override } from './override.js'
import { describeQuestion, questionOf } from './question.js'
import { RecordedStream } from './recordedStream.js'
import type { RunningCall } from './runningCall.js'
import type { CallOutcome, CallQuestion, RecordedCall, RecordedFailure } from './recordedRun.js'

interface CallRecorderOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly redact: Redact | undefined
  /** The `seq` of the last fact. */
  head(): number
}

/**
 * Makes the calls, and notes what they answered. Whoever asked gets what was noted, so that the run is one that can be replayed:
 * JSON, redacted, and errors as they are restored.
 */
export class CallRecorder implements Interceptor {
  readonly calls: RecordedCall[] = []
  readonly #options: CallRecorderOptions
  #failure: FixtureNotRecordableError | undefined
  #isFinishing = false

  constructor(options: CallRecorderOptions) {
    this.#options = options
  }

  /** Why there is no recording. */
  get failure(): FixtureNotRecordableError | undefined {
    return this.#failure
  }

  /** What is aborted from here on was still running. */
  finish(): void {
    this.#isFinishing = true
  }

  async answer<T>(intercepted: InterceptedCall, run: (call: never) => T | PromiseLike<T>): Promise<T> {
    const running = this.#begin(intercepted)
    try {
      const value = this.copy(await run(running.call as never), running.question)
      running.end({ kind: 'returned', ...(value !== undefined && { value }) })
      return value as T
    } catch (error) {
      const failure = this.fail(error, running.question)
      running.end({ kind: 'threw', error: failure.recorded })
      throw failure.restored
    }
  }

  stream<Chunk>(
    intercepted: InterceptedCall & { readonly kind: 'turn' },
    open: StreamThunk<Chunk>,
  ): AsyncIterable<Chunk> {
    const running = this.#begin(intercepted)
    return new RecordedStream<Chunk>(() => open(running.call as never), running, this)
  }

  /** What is recorded of a value. */
  copy(value: unknown, question: CallQuestion): Json | undefined {
    const recorded = recordable(value, this.#options.redact, question)
    if (!('lost' in recorded)) return structuredClone(recorded.value)
    throw (this.#failure ??= new FixtureNotRecordableError(describeQuestion(question), recorded.lost))
  }

  fail(error: unknown, question: CallQuestion): { readonly recorded: RecordedFailure; readonly restored: unknown } {
    if (error instanceof FixtureNotRecordableError)
      return { recorded: recordFailure(error, 0, undefined, question), restored: error }
    const { clock, redact } = this.#options
    const recorded = recordFailure(error, clock.now(), redact, question)
    return { recorded, restored: restoreFailure(recorded, error instanceof Error ? error.stack : undefined) }
  }

  #begin(intercepted: InterceptedCall): RunningCall {
    const { clock, redact, head } = this.#options
    const question = questionOf(intercepted, redact)
    const { signal } = intercepted.call
    const begun = { session: intercepted.sessionId, seq: head(), ...question, after: this.calls.length }
    const startedAt = clock.now()
    let usage: UsageSnapshot | undefined
    let hasEnded = false
    const end = (outcome: CallOutcome): void => {
      if (hasEnded) return
      hasEnded = true
      signal.removeEventListener('abort', abort)
      const tookMs = clock.now() - startedAt
      this.calls.push({ ...begun, tookMs, ...(usage && { usage }), outcome })
    }
    let giveUp = (): CallOutcome => ({ kind: 'abandoned' })
    const abort = (): void => end(this.#isFinishing ? { kind: 'unfinished' } : giveUp())
    signal.addEventListener('abort', abort)
    return {
      question,
      call: reporting(intercepted, (reported) => {
        if (!hasEnded) usage = parseUsage(reported)
      }),
      end,
      onGiveUp: (outcome) => void (giveUp = outcome),
      elapsedMs: () => clock.now() - startedAt,
    }
  }
}

function reporting(intercepted: InterceptedCall, note: (usage: UsageInput) => void): InterceptedCall['call'] {
  if (intercepted.kind !== 'turn') return intercepted.call
  const { call } = intercepted
  return override(call, {
    reportUsage(usage) {
      call.reportUsage(usage)
      note(usage)
    },
  })
}
