import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** https://sqlite.org/fileformat2.html#the_write_ahead_log */
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x377f0682

type Checksum = readonly [number, number]

interface Wal {
  readonly frameBytes: number
  /** Of this generation of the file. Frames that were written before have others. */
  readonly salt: Buffer
  readonly isBigEndian: boolean
  readonly checksum: Checksum
}

/**
 * The byte offset of the first damaged frame of a write-ahead log that has a commit and more after it. SQLite takes such a frame for
 * the end of the file and drops what follows without a word.
 *
 * Damage in the last commit, or a whole frame lost in the one before, looks like a write that a crash cut off, and is not found.
 *
 * @param path - Of a file that may not be there.
 */
export function findDroppedCommits(path: string): number | undefined {
  const found = scan(path)
  // Somebody may write at this moment. Damage is still there when one looks again.
  return found !== undefined && scan(path) === found ? found : undefined
}

function scan(path: string): number | undefined {
  const file = tryOpen(path)
  if (file === undefined) return undefined
  try {
    return findDamage(file, fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}

function findDamage(file: number, size: number): number | undefined {
  if (size <= HEADER_BYTES) return undefined
  const wal = readHeader(readAt(file, 0, HEADER_BYTES))
  if (!wal) return 0
  let { checksum } = wal
  for (let offset = HEADER_BYTES; offset + wal.frameBytes <= size; offset += wal.frameBytes) {
    const frame = readAt(file, offset, wal.frameBytes)
    const body = sumWords(sumWords(checksum, frame.subarray(0, 8), wal), frame.subarray(FRAME_HEADER_BYTES), wal)
    if (!isCurrent(frame, wal) || !endsWith(frame.subarray(0, FRAME_HEADER_BYTES), body)) {
      return hasLaterCommit(file, size, offset, wal) ? offset : undefined
    }
    checksum = body
  }
  return undefined
}

/** Whether frames of this generation follow after one that ends a commit. The commit that was under way in a crash is the last. */
function hasLaterCommit(file: number, size: number, from: number, wal: Wal): boolean {
  let isAfterCommit = false
  for (let offset = from; offset + wal.frameBytes <= size; offset += wal.frameBytes) {
    const header = readAt(file, offset, FRAME_HEADER_BYTES)
    if (!isCurrent(header, wal)) continue
    if (isAfterCommit) return true
    // The size of the database after the commit, which only its last frame has.
    isAfterCommit = header.readUInt32BE(4) !== 0
  }
  return false
}

/** `undefined`: it is damaged. */
function readHeader(header: Buffer): Wal | undefined {
  const magic = header.readUInt32BE(0)
  if ((magic & ~1) !== MAGIC) return undefined
  const isBigEndian = (magic & 1) === 1
  const checksum = sumWords([0, 0], header.subarray(0, 24), { isBigEndian })
  if (!endsWith(header, checksum)) return undefined
  return {
    frameBytes: FRAME_HEADER_BYTES + header.readUInt32BE(8),
    salt: header.subarray(16, 24),
    isBigEndian,
    checksum,
  }
}

function isCurrent(frame: Buffer, { salt }: Wal): boolean {
  return frame.subarray(8, 16).equals(salt)
}

function endsWith(bytes: Buffer, [first, second]: Checksum): boolean {
  return bytes.readUInt32BE(bytes.length - 8) === first && bytes.readUInt32BE(bytes.length - 4) === second
}

function sumWords([first, second]: Checksum, bytes: Buffer, { isBigEndian }: Pick<Wal, 'isBigEndian'>): Checksum {
  let [a, b] = [first, second]
  for (let offset = 0; offset < bytes.length; offset += 8) {
    a = (a + b + (isBigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset))) >>> 0
    b = (b + a + (isBigEndian ? bytes.readUInt32BE(offset + 4) : bytes.readUInt32LE(offset + 4))) >>> 0
  }
  return [a, b]
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(file, bytes, 0, length, offset)
  return bytes
}
