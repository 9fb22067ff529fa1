import type { Fact } from '../../slices/fact.js'
import type { ReadOptions } from '../log/eventLog.js'
import type { StreamHeads } from '../log/streamHeads.js'
import type { DiskFile } from './disk.js'
import { damagedAt, decodeFact, decodeMeta } from './factLine.js'
import { readLines } from './lines.js'
import type { Offsets } from './offsets.js'
import { checksumOf } from './seal.js'

export interface Readable {
  readonly file: Pick<DiskFile, 'read'>
  readonly heads: StreamHeads
  readonly offsets: Offsets
  /** Resolves when all facts are in the file. */
  flush(): Promise<void> | undefined
}

/** Begins near the first fact that is asked for. Every line on the way is checked. */
export async function* readFacts(
  { file, heads, offsets, flush }: Readable,
  { stream, from = 0 }: ReadOptions,
): AsyncGenerator<Fact, void, undefined> {
  // What is appended from now on is not read.
  const head = heads.of(stream)
  await flush()
  if (from >= head) return
  let { seq, offset } = offsets.before(stream === undefined ? from + 1 : offsets.firstOf(stream))
  /** How many facts of the stream, or of the log, came before. */
  let count = stream === undefined ? seq - 1 : 0
  for await (const lines of readLines(file, offset)) {
    for (const line of lines) {
      if (!line.isEnded) break
      if (stream === undefined || decodeMeta(line, seq).stream === stream) {
        count += 1
        if (count > from) yield decodeFact(line, seq)
        else if (stream === undefined) decodeMeta(line, seq)
        if (count === head) return
      }
      seq += 1
      offset = line.offset + line.bytes.length + 1
    }
  }
  throw damagedAt(offset, seq, 'the file ends before it')
}

export interface LinePlace {
  readonly offset: number
  /** Its length. */
  readonly bytes: number
  readonly crc: string
}

/** Where the line of a durable fact is. */
export async function findLine(file: DiskFile, offsets: Offsets, wanted: number): Promise<LinePlace> {
  let { seq, offset } = offsets.before(wanted)
  for await (const lines of readLines(file, offset)) {
    for (const { bytes, ...line } of lines) {
      offset = line.offset
      if (seq === wanted) return { offset, bytes: bytes.length, crc: checksumOf(bytes) }
      seq += 1
    }
  }
  throw damagedAt(offset, seq, 'the file ends before it')
}
