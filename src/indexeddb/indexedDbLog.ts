import type { Fact } from '../../slices/fact.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { ConcurrentWriterError } from '../log/concurrentWriterError.js'
import type { EventLog, ReadOptions, Snapshot, SnapshotStore } from '../log/eventLog.js'
import { GroupCommit } from '../log/groupCommit.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import type { StreamHeads } from '../log/streamHeads.js'
import { nextTask } from '../nextTask.js'
import { encodeFact, toBlocks, type EncodedFact } from './blocks.js'
import { readHeads, streamHead } from './heads.js'
import { readPages } from './pages.js'
import type { LogDatabase } from './stores.js'
import { loadSnapshot, saveSnapshot } from './snapshots.js'
import { databaseError, writeTransaction } from './transactions.js'

export interface LogParts {
  readonly database: LogDatabase
  readonly heads: StreamHeads
  readonly readOnly: boolean
  /** Lets go of what opening took. */
  readonly release: () => void
}

/** A log in a database that has the stores of one. */
export class IndexedDbEventLog implements EventLog {
  readonly snapshots: SnapshotStore
  readonly #parts: LogParts
  readonly #heads: StreamHeads
  readonly #commits: GroupCommit<EncodedFact>
  #closing: Promise<void> | undefined
  #isReleased = false

  constructor(parts: LogParts) {
    this.#parts = parts
    this.#heads = parts.heads
    this.#commits = new GroupCommit(
      (facts) => this.#write(facts),
      (callback) => void nextTask().then(callback),
    )
    this.snapshots = { load: () => this.#loadSnapshot(), save: (snapshot) => this.#saveSnapshot(snapshot) }
  }

  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void {
    this.#assertWritable()
    this.#heads.assertNext(stream, facts, expectedVersion)
    const version = this.#heads.of(stream)
    // All texts before the first is taken: a payload that is no JSON leaves nothing behind.
    const encoded = facts.map((fact, index) => encodeFact(fact, version + index + 1))
    if (encoded.length === 0) return
    this.#commits.add(encoded)
    this.#heads.add(stream, encoded.length)
  }

  flush(): Promise<void> | undefined {
    const flushed = this.#commits.flush()
    return flushed || !this.#closing ? flushed : Promise.reject(new LogUnavailableError('closed'))
  }

  async *read({ stream, from = 0 }: ReadOptions = {}): AsyncGenerator<Fact> {
    const until = this.head(stream)
    await this.flush()
    yield* readPages(() => this.#open(), { stream, after: from, until })
  }

  head(stream?: string): number {
    return this.#heads.of(stream)
  }

  /** Also when what is not durable yet cannot be written: then it rejects. */
  close(): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => undefined)
    this.#closing = this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.#commits.close()
    } finally {
      this.#isReleased = true
      this.#parts.release()
    }
  }

  async #write(facts: readonly EncodedFact[]): Promise<void> {
    const versions = new Map(facts.map(({ stream, version }) => [stream, version]))
    try {
      await writeTransaction(this.#parts.database, ['blocks', 'streams'], (transaction) => {
        const [blocks, streams] = [transaction.objectStore('blocks'), transaction.objectStore('streams')]
        return [
          ...toBlocks(facts).map((block) => blocks.add(block)),
          ...Array.from(versions, ([stream, version]) => streams.put(streamHead(stream, version))),
        ]
      })
    } catch (error) {
      throw await this.#writeError(error, facts)
    }
  }

  /** A number that is taken already: somebody else has appended. */
  async #writeError(error: unknown, [first]: readonly EncodedFact[]): Promise<unknown> {
    if (!first || (error as Error).name !== 'ConstraintError') return error
    const durable = first.seq - 1
    const head = await readHeads(this.#parts.database).catch(() => undefined)
    return head && head.of() > durable ? new ConcurrentWriterError(null, durable, head.of()) : error
  }

  async #loadSnapshot(): Promise<Snapshot | undefined> {
    const snapshot = await loadSnapshot(this.#open()).catch(() => undefined)
    // Who only reads sees the log as it was when it was opened.
    return snapshot && snapshot.seq <= this.head() ? snapshot : undefined
  }

  async #saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#assertWritable()
    const head = this.head()
    assertArgument(snapshot.seq === head, 'snapshot.seq', snapshot.seq, `the head of the log, ${head}`)
    await this.flush()
    try {
      await saveSnapshot(this.#open(), snapshot)
    } catch (error) {
      throw databaseError(error)
    }
  }

  #assertWritable(): void {
    this.#commits.assertAvailable()
    if (this.#parts.readOnly) throw new LogUnavailableError('read_only')
  }

  #open(): LogDatabase {
    if (this.#isReleased) throw new LogUnavailableError('closed')
    return this.#parts.database
  }
}
