import { assertArgument } from '../slices/rules/errors.js'
import type { Clock } from './clock.js'
import { TurnTimeoutError, type RunningTurn } from './turnRequest.js'

export interface ChunkTimeouts {
  /** Gives up on the first chunk this many milliseconds after the call has begun. `null`: never. */
  readonly firstChunkMs: number | null
  /** Gives up on any later chunk this many milliseconds after it was asked for. `null`: never. */
  readonly chunkMs: number | null
}

/** What the model streams, or will. */
export type Source<Chunk> = AsyncIterable<Chunk> | PromiseLike<AsyncIterable<Chunk>>

/** Until the model has answered. */
const nothing: AsyncIterator<never> = { next: () => Promise.resolve({ done: true, value: undefined }) }

/**
 * What the model streams in one call, with a limit on each wait for it. When the call is aborted, every wait ends and the stream is
 * closed, whatever the model does about the signal.
 */
export class Upstream<Chunk> {
  readonly #clock: Clock
  readonly #call: RunningTurn
  readonly #timeouts: ChunkTimeouts
  #iterator: AsyncIterator<Chunk> = nothing
  #interrupt: ((reason: unknown) => void) | undefined
  #timer: unknown
  #hasBegun = false
  #isOver = false

  constructor(clock: Clock, call: RunningTurn, timeouts: ChunkTimeouts) {
    this.#clock = clock
    this.#call = call
    this.#timeouts = timeouts
    const { signal } = call
    signal.addEventListener('abort', () => {
      this.#interrupt?.(signal.reason)
      this.close()
    })
  }

  /** Calls the model. The first chunk is waited for from here on. */
  async open(call: () => Source<Chunk>): Promise<void> {
    this.#startTimer(this.#timeouts.firstChunkMs)
    await this.#unlessAborted(async () => {
      const source = await call()
      assertArgument(isIterable(source), 'thunk()', source, 'an async iterable')
      const iterator = source[Symbol.asyncIterator]()
      if (this.#call.signal.aborted) leave(iterator)
      else this.#iterator = iterator
    })
  }

  /** The next chunk. Rejects when it takes too long, and when the call is aborted. */
  async next(): Promise<IteratorResult<Chunk>> {
    if (this.#hasBegun) this.#startTimer(this.#timeouts.chunkMs)
    this.#hasBegun = true
    const result = await this.#unlessAborted(() => this.#pull())
    this.#stopTimer()
    return result
  }

  /** Tells the upstream that nobody reads on, unless it has ended by itself. */
  close(): void {
    this.#stopTimer()
    if (!this.#isOver) leave(this.#iterator)
    this.#isOver = true
  }

  async #pull(): Promise<IteratorResult<Chunk>> {
    try {
      const result = await this.#iterator.next()
      this.#isOver ||= result.done === true
      return result
    } catch (error) {
      this.#isOver = true
      throw error
    }
  }

  /** Settles as the step does, or rejects when the call is aborted before. */
  #unlessAborted<T>(step: () => Promise<T>): Promise<T> {
    const { signal } = this.#call
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      this.#interrupt = reject
      step().then(resolve, reject)
    })
  }

  #startTimer(ms: number | null): void {
    if (ms === null) return
    this.#timer = this.#clock.setTimeout(() => this.#call.stop(new TurnTimeoutError(ms)), ms)
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

/** It is not waited for, and what it throws then concerns nobody. */
function leave(iterator: AsyncIterator<unknown>): void {
  const leaving = async (): Promise<unknown> => iterator.return?.()
  leaving().catch(() => undefined)
}

function isIterable(source: unknown): boolean {
  return typeof (source as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function'
}
