import type { Fact } from '../../slices/fact.js'

/** Where facts are kept: append-only streams, in one order. */
export interface EventLog {
  /**
   * Appends facts of one stream, all or none.
   *
   * @param expectedVersion - How many facts the stream holds. Default: however many.
   * @throws {ConcurrentWriterError} It holds another number: somebody else writes this stream.
   */
  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void
  /** Facts in the order of their recording: all, or those of one stream, after the first `from` of them. */
  read(options?: ReadOptions): AsyncIterable<Fact>
  /** How many facts a stream holds. */
  head(stream: string): number
}

export interface ReadOptions {
  readonly stream?: string
  /** How many facts to skip. Default 0. */
  readonly from?: number
}
