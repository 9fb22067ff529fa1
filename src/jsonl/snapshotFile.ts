import { tryRead } from '../../slices/rules/errors.js'
import type { Snapshot } from '../log/eventLog.js'
import { replaceFile, type Disk, type DiskFile } from './disk.js'
import { decodeMeta } from './factLine.js'
import type { LinePlace } from './read.js'
import { checksumOf, seal, unsealJson } from './seal.js'

const FORMAT = 'redux-agent-runtime/snapshot'
const VERSION = 1

/** Where in its log a snapshot belongs: enough to go on from there without reading what is before. */
export interface SnapshotPlace {
  readonly seq: number
  readonly stateVersion: string
  /** The line of the last fact. */
  readonly last: LinePlace
  /** Each with how many facts it holds, and the first of them. */
  readonly streams: readonly (readonly [stream: string, count: number, first: number])[]
  /** Of each thousandth fact. */
  readonly offsets: readonly number[]
}

interface SealedPlace extends SnapshotPlace {
  readonly format: unknown
  readonly version: unknown
}

export interface SnapshotFile {
  readonly place: SnapshotPlace
  /** @returns `undefined`: it is damaged. */
  state(): Snapshot['state'] | undefined
}

/** Two lines: the place, and the state. */
export async function writeSnapshot(
  disk: Disk,
  path: string,
  place: SnapshotPlace,
  state: Snapshot['state'],
): Promise<void> {
  await replaceFile(disk, path, `${seal({ format: FORMAT, version: VERSION, ...place })}${seal({ state })}`)
}

/** @returns `undefined`: there is none, or it is damaged, or a later version wrote it, or it is of another log. */
export async function readSnapshot(disk: Disk, path: string, log: DiskFile): Promise<SnapshotFile | undefined> {
  const text = await disk.readText(path).catch(() => undefined)
  if (text === undefined) return undefined
  const [first = '', second = ''] = text.split('\n', 2)
  const place = unsealJson(Buffer.from(first)) as SealedPlace | undefined
  if (place?.format !== FORMAT || place.version !== VERSION || !(await fits(place, log))) return undefined
  return { place, state: () => (unsealJson(Buffer.from(second)) as Pick<Snapshot, 'state'> | undefined)?.state }
}

/** The log holds that very line at that very place. */
async function fits({ seq, last: { offset, bytes, crc } }: SnapshotPlace, log: DiskFile): Promise<boolean> {
  const buffer = Buffer.alloc(bytes + 1)
  const { bytesRead } = await log.read(buffer, 0, buffer.length, offset)
  const line = buffer.subarray(0, bytes)
  if (bytesRead !== buffer.length || buffer[bytes] !== 0x0a || checksumOf(line) !== crc) return false
  return tryRead(() => decodeMeta({ offset, bytes: line, isEnded: true }, seq)) !== undefined
}
