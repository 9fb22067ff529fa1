import type { Source } from '../../../sagas/upstream.js'
import { assertArgument } from '../../../slices/rules/errors.js'
import type { Json } from '../../../slices/rules/json.js'
import type { CallOutcome, CallQuestion, RecordedChunk, RecordedFailure } from './recordedRun.js'
import type { RunningCall } from './runningCall.js'

/** What is recorded of chunks and errors, and what whoever reads gets of them. */
interface Copies {
  copy(value: unknown, question: CallQuestion): Json | undefined
  fail(error: unknown, question: CallQuestion): { readonly recorded: RecordedFailure; readonly restored: unknown }
}

/** A stream of a model that is passed on, and noted. Not a generator: leaving one waits for the chunk that is asked for. */
export class RecordedStream<Chunk> implements AsyncIterable<Chunk>, AsyncIterator<Chunk> {
  readonly #open: () => Source<Chunk>
  readonly #running: RunningCall
  readonly #recorder: Copies
  readonly #chunks: RecordedChunk[] = []
  #upstream: Promise<AsyncIterator<Chunk>> | undefined

  constructor(open: () => Source<Chunk>, running: RunningCall, recorder: Copies) {
    this.#open = open
    this.#running = running
    this.#recorder = recorder
    running.onGiveUp(() => this.#outcome('left'))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Chunk>> {
    try {
      const upstream = await (this.#upstream ??= this.#connect())
      const result = await upstream.next()
      if (result.done) {
        this.#running.end(this.#outcome('done'))
        return { done: true, value: undefined }
      }
      const chunk = this.#recorder.copy(result.value, this.#running.question) as Json
      this.#chunks.push({ atMs: this.#running.elapsedMs(), chunk })
      return { done: false, value: chunk as Chunk }
    } catch (error) {
      const { recorded, restored } = this.#recorder.fail(error, this.#running.question)
      this.#running.end(this.#outcome(recorded))
      throw restored
    }
  }

  async return(): Promise<IteratorResult<Chunk>> {
    this.#running.end(this.#outcome('left'))
    const upstream = await this.#upstream
    await upstream?.return?.()
    return { done: true, value: undefined }
  }

  async #connect(): Promise<AsyncIterator<Chunk>> {
    const source = await this.#open()
    const iterate: unknown = (source as Partial<AsyncIterable<Chunk>> | undefined)?.[Symbol.asyncIterator]
    assertArgument(typeof iterate === 'function', 'thunk()', source, 'an async iterable')
    return source[Symbol.asyncIterator]()
  }

  #outcome(end: Extract<CallOutcome, { readonly kind: 'streamed' }>['end']): CallOutcome {
    return { kind: 'streamed', chunks: [...this.#chunks], end }
  }
}
