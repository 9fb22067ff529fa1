import type { Fact } from '../../slices/fact.js'
import type { RuntimeState } from '../../slices/state.js'

/**
 * Where facts are kept: append-only streams in one order, with one writer. Facts are numbered by `meta.seq` without gaps, from 1.
 *
 * `append` puts facts in order and returns at once; they are durable when the promise of the next `flush` has resolved. A write that
 * fails makes the log unavailable for good: every later `append` throws and every `flush` rejects.
 */
export interface EventLog {
  /**
   * Appends facts of one stream, all or none.
   *
   * @param expectedVersion - How many facts the stream holds. Default: however many.
   * @throws {ConcurrentWriterError} It holds another number, or the facts do not go on where the log ends: it has another writer.
   * @throws {InvalidArgumentError} The facts have gaps, or are of another stream.
   * @throws {LogUnavailableError} A write failed before, or the log is closed or was opened for reading.
   */
  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void
  /**
   * Resolves when everything that was appended so far is durable. Those who wait at the same time share one write. `undefined`: it is
   * already, so that nobody waits for a log that lives in memory.
   *
   * @throws {LogUnavailableError} It could not be written. Rejects; never throws.
   */
  flush(): Promise<void> | undefined
  /**
   * Facts in the order of their recording, those that are not durable yet included.
   *
   * @throws {LogCorruptError} What was read is not what was written. Names the place.
   * @throws {LogUnavailableError} It could not be read, or was closed meanwhile.
   */
  read(options?: ReadOptions): AsyncIterable<Fact>
  /** How many facts a stream holds; without one, the `seq` of the last fact of the log. */
  head(stream?: string): number
  /** Where states are cached, so that opening a long log does not replay all of it. */
  readonly snapshots?: SnapshotStore
  /** Makes everything durable and lets the log go. Does nothing the second time. */
  close(): Promise<void>
}

export interface ReadOptions {
  /** Default: all of them. */
  readonly stream?: string
  /** How many facts to skip, of the stream or of the log. Default 0. */
  readonly from?: number
}

/** A state, and after which fact it was. */
export interface Snapshot {
  readonly seq: number
  /** Which reducers made it. */
  readonly stateVersion: string
  readonly state: RuntimeState
}

/** A cache: losing it loses nothing. */
export interface SnapshotStore {
  /** The latest that fits the log as it is. `undefined`: there is none, or it is damaged, or of another log. */
  load(): Promise<Snapshot | undefined>
  /** Keeps a state that is that of the log's head. Replaces the one before. */
  save(snapshot: Snapshot): Promise<void>
}
