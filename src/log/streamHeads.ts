import type { Fact } from '../../slices/fact.js'
import { ConcurrentWriterError } from './concurrentWriterError.js'

/** How many facts a log and each of its streams hold. */
export class StreamHeads {
  readonly #byStream: Map<string, number>
  #seq: number

  constructor(seq = 0, byStream: Iterable<readonly [string, number]> = []) {
    this.#seq = seq
    this.#byStream = new Map(byStream)
  }

  of(stream?: string): number {
    return stream === undefined ? this.#seq : (this.#byStream.get(stream) ?? 0)
  }

  entries(): Iterable<readonly [string, number]> {
    return this.#byStream
  }

  /** @throws {ConcurrentWriterError} These facts do not go on where the log or the stream ends. */
  assertNext(stream: string, [first]: readonly Fact[], expectedVersion?: number): void {
    const version = this.of(stream)
    if (expectedVersion !== undefined && version !== expectedVersion) {
      throw new ConcurrentWriterError(stream, expectedVersion, version)
    }
    if (first && first.meta.seq !== this.#seq + 1) {
      throw new ConcurrentWriterError(null, first.meta.seq - 1, this.#seq)
    }
  }

  add(stream: string, count: number): void {
    this.#seq += count
    this.#byStream.set(stream, this.of(stream) + count)
  }
}
