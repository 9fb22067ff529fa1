import type { Fact } from '../../slices/fact.js'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
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

  /**
   * @throws {ConcurrentWriterError} These facts do not go on where the log or the stream ends.
   * @throws {InvalidArgumentError} They have gaps, or are of another stream.
   */
  assertNext(stream: string, facts: readonly Fact[], expectedVersion?: number): void {
    const version = this.of(stream)
    if (expectedVersion !== undefined && version !== expectedVersion) {
      throw new ConcurrentWriterError(stream, expectedVersion, version)
    }
    assertNumbered(stream, facts)
    const [first] = facts
    if (first && first.meta.seq !== this.#seq + 1) {
      throw new ConcurrentWriterError(null, first.meta.seq - 1, this.#seq)
    }
  }

  add(stream: string, count: number): void {
    this.#seq += count
    this.#byStream.set(stream, this.of(stream) + count)
  }
}

/**
 * A gap would make the log unreadable.
 *
 * @throws {InvalidArgumentError}
 */
export function assertNumbered(stream: string, facts: readonly Fact[]): void {
  const first = facts[0]?.meta.seq ?? 0
  const index = facts.findIndex(({ meta }, position) => meta.seq !== first + position || meta.stream !== stream)
  const meta = facts[index]?.meta
  if (meta) throw new InvalidArgumentError(`facts[${index}].meta`, meta, `of fact ${first + index} of stream ${stream}`)
}
