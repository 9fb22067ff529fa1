import type { Clock } from './context.js'
import { TurnTimeoutError, type RunningTurn } from './turnRequest.js'

export interface ChunkTimeouts {
  /** Gives up on the first chunk after this many milliseconds. `null`: never. */
  readonly firstChunkMs: number | null
  /** Gives up on any later chunk after this many milliseconds. `null`: never. */
  readonly chunkMs: number | null
}

/** What the model streams, with a limit on each wait for it. */
export class Upstream<Chunk> {
  readonly #clock: Clock
  readonly #call: RunningTurn
  readonly #iterator: AsyncIterator<Chunk>
  readonly #timeouts: ChunkTimeouts
  #chunks = 0

  constructor(clock: Clock, call: RunningTurn, source: AsyncIterable<Chunk>, timeouts: ChunkTimeouts) {
    this.#clock = clock
    this.#call = call
    this.#iterator = source[Symbol.asyncIterator]()
    this.#timeouts = timeouts
  }

  /** The next chunk. Rejects when it takes too long, and when the call is aborted. */
  next(): Promise<IteratorResult<Chunk>> {
    const { firstChunkMs, chunkMs } = this.#timeouts
    const timeoutMs = this.#chunks === 0 ? firstChunkMs : chunkMs
    this.#chunks += 1
    const { signal } = this.#call
    return new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(signal.reason))
      const settle = (act: () => void): void => {
        if (timer !== undefined) this.#clock.clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        act()
      }
      const timer =
        timeoutMs === null
          ? undefined
          : this.#clock.setTimeout(() => this.#call.stop(new TurnTimeoutError(timeoutMs)), timeoutMs)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) return onAbort()
      this.#iterator.next().then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => reject(error)),
      )
    })
  }

  /** Tells the upstream that nobody reads on. It is not waited for, and what it throws then concerns nobody. */
  close(): void {
    const closing = async (): Promise<unknown> => this.#iterator.return?.()
    closing().catch(() => undefined)
  }
}
