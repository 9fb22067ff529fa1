import type { DiskFile } from './disk.js'

/** Valid until the next lines are asked for. */
export interface Line {
  /** Of its first byte in the file. */
  readonly offset: number
  /** Without the line end. */
  readonly bytes: Buffer
  /** `false`: the file ends before the line does. */
  readonly isEnded: boolean
}

const CHUNK_BYTES = 256 * 1024
const LINE_END = 0x0a

/** The lines of a file from an offset on, as many at a time as a chunk of it has. Only one chunk, or one line, is in memory. */
export async function* readLines(
  file: Pick<DiskFile, 'read'>,
  from: number,
): AsyncGenerator<readonly Line[], void, undefined> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  /** Where the buffer begins in the file. */
  let offset = from
  /** How much of a line that has not ended is at its beginning. */
  let kept = 0
  for (;;) {
    if (kept === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length)
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, offset + kept)
    if (bytesRead === 0) break
    const filled = kept + bytesRead
    const lines = linesIn(buffer.subarray(0, filled), kept, offset)
    const last = lines.at(-1)
    const consumed = last ? last.offset + last.bytes.length + 1 - offset : 0
    if (last) yield lines
    buffer.copyWithin(0, consumed, filled)
    offset += consumed
    kept = filled - consumed
  }
  if (kept > 0) yield [{ offset, bytes: buffer.subarray(0, kept), isEnded: false }]
}

function linesIn(bytes: Buffer, searchFrom: number, offset: number): Line[] {
  const lines: Line[] = []
  let start = 0
  for (
    let end = bytes.indexOf(LINE_END, searchFrom);
    end !== -1;
    start = end + 1, end = bytes.indexOf(LINE_END, start)
  ) {
    lines.push({ offset: offset + start, bytes: bytes.subarray(start, end), isEnded: true })
  }
  return lines
}
