import type { Fact } from '../../slices/fact.js'
import type { EventLog, ReadOptions, SnapshotStore } from '../log/eventLog.js'
import { GroupCommit } from '../log/groupCommit.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import type { StreamHeads } from '../log/streamHeads.js'
import type { Disk, DiskFile } from './disk.js'
import { encodeFact, type EncodedFact } from './factLine.js'
import type { Lock } from './lock.js'
import type { Offsets } from './offsets.js'
import { readFacts } from './read.js'
import { JsonlSnapshots } from './snapshots.js'
import { Writer } from './writer.js'

/** A log in a file: one JSON object a line. */
export interface JsonlLog extends EventLog {
  /** Of the file, without symbolic links. */
  readonly path: string
  /**
   * What a crash had left of a write that was never acknowledged: it was cut off when the log was opened, or is ignored when the log
   * is open for reading. `null`: nothing.
   */
  readonly recovered: { readonly cutBytes: number } | null
  readonly snapshots: SnapshotStore
}

export interface JsonlLogParts {
  readonly disk: Disk
  readonly path: string
  readonly file: DiskFile
  readonly heads: StreamHeads
  readonly offsets: Offsets
  /** Where the facts end in the file. */
  readonly end: number
  readonly recovered: JsonlLog['recovered']
  /** `null`: for reading only. */
  readonly lock: Lock | null
}

export class OpenJsonlLog implements JsonlLog {
  readonly path: string
  readonly recovered: JsonlLog['recovered']
  readonly snapshots: JsonlSnapshots
  readonly #parts: JsonlLogParts
  readonly #commits: GroupCommit<EncodedFact>
  #closing: Promise<void> | undefined

  constructor(parts: JsonlLogParts) {
    const { disk, path, file, heads, offsets, end, recovered } = parts
    this.path = path
    this.recovered = recovered
    this.#parts = parts
    const writer = new Writer(file, offsets, end)
    this.#commits = new GroupCommit((encoded) => writer.write(encoded), setImmediate)
    this.snapshots = new JsonlSnapshots({
      disk,
      path: `${path}.snapshot`,
      file,
      heads,
      offsets,
      assertWritable: () => this.#assertWritable(),
      flush: () => this.#commits.flush(),
    })
  }

  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void {
    this.#assertWritable()
    const { heads } = this.#parts
    heads.assertNext(stream, facts, expectedVersion)
    // Whole lines before the first is taken: a payload that is no JSON leaves nothing behind.
    const encoded = facts.map(encodeFact)
    if (encoded.length === 0) return
    this.#commits.add(encoded)
    heads.add(stream, encoded.length)
  }

  flush(): Promise<void> | undefined {
    const flushed = this.#commits.flush()
    return flushed || !this.#closing ? flushed : Promise.reject(new LogUnavailableError('closed'))
  }

  head(stream?: string): number {
    return this.#parts.heads.of(stream)
  }

  read(options: ReadOptions = {}): AsyncIterable<Fact> {
    const { file, heads, offsets } = this.#parts
    const read: DiskFile['read'] = (...range) => file.read(...range).catch((cause: unknown) => this.#failRead(cause))
    return readFacts({ file: { read }, heads, offsets, flush: () => this.flush() }, options)
  }

  /** Also when what is not durable yet cannot be written: then it rejects. */
  close(): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => undefined)
    this.#closing = this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { file, lock } = this.#parts
    try {
      await this.#commits.close()
      await this.snapshots.idle()
    } finally {
      await file.close().finally(() => lock?.release())
    }
  }

  #failRead(cause: unknown): never {
    throw new LogUnavailableError(this.#closing ? 'closed' : 'failed', { cause })
  }

  #assertWritable(): void {
    this.#commits.assertAvailable()
    if (!this.#parts.lock) throw new LogUnavailableError('read_only')
  }
}
