import type { FactMeta } from '../../slices/fact.js'
import type { DiskFile } from './disk.js'
import { damagedAt, decodeMeta } from './factLine.js'
import { readLines, type Line } from './lines.js'
import type { FactPlace } from './offsets.js'
import { unseal } from './seal.js'

export interface Scanned {
  /** Where the facts end in the file. */
  readonly end: number
  /** How many bytes follow that a crash left of a write which was never acknowledged. */
  readonly tornBytes: number
}

/**
 * Checks every fact from a place on.
 *
 * A write that a crash cut short leaves a line without its end, always the last of the file. A line that has its end was written whole:
 * when it does not fit its checksum it was changed later, even if it is the last.
 *
 * @throws {LogCorruptError}
 */
export async function scanFacts(
  file: DiskFile,
  from: FactPlace,
  visit: (meta: FactMeta, offset: number) => void,
): Promise<Scanned> {
  let { seq, offset: end } = from
  for await (const lines of readLines(file, from.offset)) {
    for (const line of lines) {
      if (!line.isEnded) return { end, tornBytes: measureTorn(line, seq) }
      visit(decodeMeta(line, seq), line.offset)
      seq += 1
      end = line.offset + line.bytes.length + 1
    }
  }
  return { end, tornBytes: 0 }
}

/** What is torn is a part of a line. A whole line and something that is no line end had a line end before. */
function measureTorn({ offset, bytes }: Line, seq: number): number {
  if (unseal(bytes.subarray(0, -1)) !== undefined) throw damagedAt(offset, seq, 'its line end is not as it was written')
  return bytes.length
}
