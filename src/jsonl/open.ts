import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { AgentRuntimeError, InvalidArgumentError } from '../../slices/rules/errors.js'
import { flag, nonBlank, parse, strictOptions } from '../config/schema.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import { StreamHeads } from '../log/streamHeads.js'
import { errorCode, PATH_REFUSALS, replaceFile, syncFolder, type Disk, type DiskFile } from './disk.js'
import { HEADER, readHeader } from './header.js'
import { lockLog, type Lock } from './lock.js'
import { OpenJsonlLog, type JsonlLog } from './log.js'
import { Offsets } from './offsets.js'
import { scanFacts } from './scan.js'
import { readSnapshot } from './snapshotFile.js'

export interface JsonlLogOptions {
  /** Opens a log that is there, without its lock. What is appended to it later is not seen. Default `false`. */
  readonly readOnly?: boolean
}

const schema = strictOptions({ readOnly: v.optional(flag) })

export async function openLog(disk: Disk, given: string, options: JsonlLogOptions = {}): Promise<JsonlLog> {
  parse(nonBlank, given, 'path')
  const { readOnly = false } = parse(schema, options)
  try {
    const path = await resolvePath(disk, given)
    return readOnly ? await openFile(disk, path, null) : await openForWriting(disk, path)
  } catch (error) {
    if (error instanceof AgentRuntimeError) throw error
    const code = errorCode(error) ?? ''
    if (!PATH_REFUSALS.has(code)) throw new LogUnavailableError('failed', { cause: error })
    const how = readOnly ? 'read' : 'written'
    throw new InvalidArgumentError('path', given, `the path of a log`, `${given} cannot be ${how}: ${code}`)
  }
}

async function openForWriting(disk: Disk, path: string): Promise<JsonlLog> {
  const lock = await lockLog(disk, path)
  try {
    return await openFile(disk, path, lock)
  } catch (error) {
    await lock.release().catch(() => undefined)
    throw error
  }
}

async function openFile(disk: Disk, path: string, lock: Lock | null): Promise<JsonlLog> {
  const file = await (lock ? openOrCreate(disk, path) : disk.open(path, 'r'))
  try {
    const { heads, offsets, end, tornBytes } = await readFacts(disk, path, file)
    if (lock && tornBytes > 0) await file.truncate(end)
    // What somebody wrote who was killed before the sync may be in memory only. From here on it counts as durable.
    if (lock) await file.sync()
    const recovered = tornBytes > 0 ? { cutBytes: tornBytes } : null
    return new OpenJsonlLog({ disk, path, file, heads, offsets, end, recovered, lock })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** From the snapshot on, if there is one that fits, or from the first fact. */
async function readFacts(disk: Disk, path: string, file: DiskFile) {
  const start = await readHeader(file, path)
  const place = (await readSnapshot(disk, `${path}.snapshot`, file))?.place
  const streams = place?.streams ?? []
  const heads = new StreamHeads(
    place?.seq,
    streams.map(([stream, count]) => [stream, count]),
  )
  const offsets = new Offsets(
    place?.offsets ?? [start],
    streams.map(([stream, , first]) => [stream, first]),
  )
  const from = place
    ? { seq: place.seq + 1, offset: place.last.offset + place.last.bytes + 1 }
    : { seq: 1, offset: start }
  const scanned = await scanFacts(file, from, (meta, offset) => {
    heads.add(meta.stream, 1)
    offsets.note(meta, offset)
  })
  return { heads, offsets, ...scanned }
}

/** A new log appears with its header or not at all. Nobody else makes one: the lock is held. */
async function openOrCreate(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.open(path, 'r+')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  await replaceFile(disk, path, HEADER)
  await syncFolder(disk, path)
  return disk.open(path, 'r+')
}

/** One log has one lock, by whatever links it is reached. */
async function resolvePath(disk: Disk, path: string): Promise<string> {
  try {
    return await disk.realpath(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return join(await disk.realpath(dirname(path)), basename(path))
  }
}
