import type { Fact } from '../../slices/fact.js'
import type { EventLog, ReadOptions } from '../log/eventLog.js'
import { GroupCommit } from '../log/groupCommit.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import type { StreamHeads } from '../log/streamHeads.js'
import type { Disk, DiskFile } from './disk.js'
import { damagedAt, decodeFact } from './factLine.js'
import { readLines, type Line } from './lines.js'
import type { Lock } from './lock.js'
import type { Offsets } from './offsets.js'
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
  readonly snapshots: JsonlSnapshots
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
  readonly #commits: GroupCommit
  #closing: Promise<void> | undefined

  constructor(parts: JsonlLogParts) {
    const { disk, path, file, heads, offsets, end, recovered } = parts
    this.path = path
    this.recovered = recovered
    this.#parts = parts
    const writer = new Writer(file, offsets, end)
    this.#commits = new GroupCommit((facts) => writer.write(facts), setImmediate)
    this.snapshots = new JsonlSnapshots({
      disk,
      path: `${path}.snapshot`,
      file,
      heads,
      offsets,
      assertWritable: () => this.#assertWritable(),
      flush: () => this.flush(),
      withLine: (seq, use) => this.#withLine(seq, use),
    })
  }

  append(stream: string, facts: readonly Fact[], expectedVersion?: number): void {
    this.#assertWritable()
    const { heads } = this.#parts
    heads.assertNext(stream, facts, expectedVersion)
    if (facts.length === 0) return
    this.#commits.add(facts)
    heads.add(stream, facts.length)
  }

  flush(): Promise<void> | undefined {
    const flushed = this.#commits.flush()
    return flushed || !this.#closing ? flushed : Promise.reject(new LogUnavailableError('closed'))
  }

  head(stream?: string): number {
    return this.#parts.heads.of(stream)
  }

  async *read({ stream, from = 0 }: ReadOptions = {}): AsyncGenerator<Fact, void, undefined> {
    const { heads, offsets } = this.#parts
    const head = heads.of(stream)
    await this.flush()
    if (from >= head) return
    let position = stream === undefined ? from : 0
    for await (const fact of this.#factsFrom(stream === undefined ? from + 1 : offsets.firstOf(stream))) {
      if (stream !== undefined && fact.meta.stream !== stream) continue
      position += 1
      if (position > from) yield fact
      if (position === head) return
    }
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
    } finally {
      await file.close()
      await lock?.release()
    }
  }

  #assertWritable(): void {
    this.#commits.assertAvailable()
    if (!this.#parts.lock) throw new LogUnavailableError('read_only')
  }

  /** Facts that are durable. Every line on the way is checked. */
  async *#factsFrom(first: number): AsyncGenerator<Fact, void, undefined> {
    for await (const { line, seq } of this.#linesFrom(first)) {
      const fact = decodeFact(line, seq)
      if (seq >= first) yield fact
    }
  }

  async #withLine<T>(seq: number, use: (line: Line) => T): Promise<T> {
    for await (const { line, seq: found } of this.#linesFrom(seq)) if (found === seq) return use(line)
    throw damagedAt(this.#parts.end, seq, 'the file ends before it')
  }

  async *#linesFrom(first: number): AsyncGenerator<{ readonly line: Line; readonly seq: number }, void, undefined> {
    const place = this.#parts.offsets.before(first)
    let { seq, offset } = place
    for await (const lines of readLines(this.#parts.file, place.offset)) {
      for (const line of lines) {
        if (!line.isEnded) break
        yield { line, seq }
        seq += 1
        offset = line.offset + line.bytes.length + 1
      }
    }
    throw damagedAt(offset, seq, 'the file ends before it')
  }
}
