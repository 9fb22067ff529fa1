import type { Fact } from '../../slices/fact.js'
import { assertArgument, tryRead } from '../../slices/rules/errors.js'
import { ConcurrentWriterError } from '../log/concurrentWriterError.js'
import type { EventLog, ReadOptions, Snapshot, SnapshotStore } from '../log/eventLog.js'
import { GroupCommit } from '../log/groupCommit.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import { readValue, transaction, type SqliteDatabase, type SqliteStatement } from './database.js'
import { isMalformed, isResult, readError } from './driverErrors.js'
import { encodeFact, encodeText, FACT_COLUMNS, type FactValues } from './factRows.js'
import { readHead, readVersion, StoredHeads, writeHead } from './heads.js'
import { readPages } from './pages.js'
import { loadSnapshot, saveSnapshot } from './snapshots.js'

export interface SqliteEventLogOptions {
  readonly readOnly: boolean
  /** Lets go of what opening took. */
  readonly release: () => Promise<void> | void
}

/** A log in a database that {@link prepareSchema} has made one. */
export class SqliteEventLog implements EventLog {
  readonly snapshots: SnapshotStore
  readonly #database: SqliteDatabase
  readonly #options: SqliteEventLogOptions
  readonly #commits: GroupCommit<FactValues>
  readonly #heads: StoredHeads
  readonly #insert: SqliteStatement
  /** The last fact that is in the database. */
  #durable: number
  #closing: Promise<void> | undefined
  #isReleased = false

  constructor(database: SqliteDatabase, options: SqliteEventLogOptions) {
    this.#database = database
    this.#options = options
    this.#durable = readHead(database)
    this.#heads = new StoredHeads(this.#durable, (stream) => this.#versionOf(encodeText(stream)))
    this.#insert = database.prepare(`INSERT INTO facts (${FACT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#commits = new GroupCommit((rows) => this.#write(rows), setImmediate)
    this.snapshots = { load: () => this.#loadSnapshot(), save: (snapshot) => this.#saveSnapshot(snapshot) }
  }

  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void {
    this.#assertWritable()
    this.#heads.assertNext(stream, facts, expectedVersion)
    const version = this.#heads.of(stream)
    // Whole rows before the first is taken: a payload that is no JSON leaves nothing behind.
    const rows = facts.map((fact, index) => encodeFact(fact, version + index + 1))
    if (rows.length === 0) return
    this.#commits.add(rows)
    this.#heads.add(stream, rows.length)
  }

  flush(): Promise<void> | undefined {
    const flushed = this.#commits.flush()
    return flushed || !this.#closing ? flushed : Promise.reject(new LogUnavailableError('closed'))
  }

  async *read({ stream, from = 0 }: ReadOptions = {}): AsyncGenerator<Fact> {
    await this.flush()
    const name = stream === undefined ? undefined : encodeText(stream)
    const until = name === undefined ? this.#durable : this.#versionOf(name)
    yield* readPages(() => this.#open(), { stream: name, after: from, until })
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
      this.#keepHead()
    } finally {
      this.#isReleased = true
      await this.#options.release()
    }
  }

  #write(rows: readonly FactValues[]): void {
    try {
      transaction(this.#database, () => {
        for (const row of rows) this.#insert.run(...row)
      })
    } catch (error) {
      throw this.#writeError(error)
    }
    this.#durable += rows.length
  }

  /** A number that is taken already: somebody else has appended. */
  #writeError(error: unknown): unknown {
    if (!isResult(error, 'SQLITE_CONSTRAINT')) return isMalformed(error) ? readError(error, {}) : error
    const head = Number(readValue(this.#database, 'SELECT MAX(seq) FROM facts'))
    return head > this.#durable ? new ConcurrentWriterError(null, this.#durable, head) : error
  }

  /** Facts that vanish after this are missed when the log is opened again. They are durable: that this may fail harms nothing. */
  #keepHead(): void {
    if (this.#options.readOnly) return
    tryRead(() => {
      if (Number(readValue(this.#database, 'SELECT seq FROM heads')) !== this.#durable) {
        writeHead(this.#database, this.#durable)
      }
    })
  }

  async #loadSnapshot(): Promise<Snapshot | undefined> {
    const database = this.#open()
    const snapshot = tryRead(() => loadSnapshot(database))
    // Who only reads sees the log as it was when it was opened.
    return snapshot && snapshot.seq <= this.head() ? snapshot : undefined
  }

  async #saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#assertWritable()
    const head = this.head()
    assertArgument(snapshot.seq === head, 'snapshot.seq', snapshot.seq, `the head of the log, ${head}`)
    await this.flush()
    try {
      saveSnapshot(this.#open(), snapshot)
    } catch (error) {
      throw readError(error, {})
    }
  }

  #versionOf(stream: string): number {
    try {
      return readVersion(this.#open(), stream, this.#durable)
    } catch (error) {
      throw readError(error, {})
    }
  }

  #assertWritable(): void {
    this.#commits.assertAvailable()
    if (this.#options.readOnly) throw new LogUnavailableError('read_only')
  }

  #open(): SqliteDatabase {
    if (this.#isReleased) throw new LogUnavailableError('closed')
    return this.#database
  }
}
