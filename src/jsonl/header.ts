import { LogCorruptError, LogVersionError } from '../../slices/logErrors.js'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import type { DiskFile } from './disk.js'
import { endsInChecksum, seal, unsealJson } from './seal.js'

const FORMAT = 'redux-agent-runtime/log'
const VERSION = 1

/** A later version may say more in its header, but not much more. */
const MAX_HEADER_BYTES = 4_096

const PLACE = { line: 1, offset: 0 }

interface Header {
  readonly format: string
  readonly version: number
}

/** The first line of every log. */
export const HEADER = seal({ format: FORMAT, version: VERSION } satisfies Header)

/**
 * Reads the first line.
 *
 * @returns Where the first fact begins.
 * @throws {InvalidArgumentError} The file is not a log.
 * @throws {LogCorruptError} It is, but its first line is damaged.
 * @throws {LogVersionError} A later version wrote it.
 */
export async function readHeader(file: DiskFile, path: string): Promise<number> {
  if (!(await file.stat()).isFile()) throw notALog(path, 'it is not a file')
  const buffer = Buffer.alloc(MAX_HEADER_BYTES)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
  if (bytesRead === 0) throw notALog(path, 'it is empty')
  const start = buffer.subarray(0, bytesRead)
  const end = start.indexOf('\n')
  const line = end === -1 ? start : start.subarray(0, end)
  const header = end === -1 ? undefined : (unsealJson(line) as Partial<Header> | undefined)
  if (header === undefined) {
    // One of the two survives whatever happens to a few neighbouring bytes: what has neither never was a header.
    if (!line.includes(FORMAT) && !endsInChecksum(line)) throw notALog(path, 'its first line is not that of a log')
    throw new LogCorruptError(PLACE, 'the first line of the file is not as it was written')
  }
  const { format, version } = header
  if (format !== FORMAT || typeof version !== 'number') throw notALog(path, 'its first line is not that of a log')
  if (version > VERSION) throw new LogVersionError(`the format ${FORMAT}`, version, VERSION, PLACE)
  return end + 1
}

function notALog(path: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError('path', path, 'the path of a log', `${path} is not a log: ${why}`)
}
