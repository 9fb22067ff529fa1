import { nodeDisk } from './disk.js'
import type { JsonlLog } from './log.js'
import { openLog, type JsonlLogOptions } from './open.js'

export type { JsonlLog } from './log.js'
export { LogLockedError } from '../log/logLockedError.js'
export type { JsonlLogOptions } from './open.js'

/**
 * Opens the log in a file, or makes one. Every fact is checked on the way, those before the last snapshot excepted. The file is this
 * writer's until it is closed or the process ends.
 *
 * @param path - Its folder must be there.
 * @throws {InvalidArgumentError} The path cannot be used, or is that of something else.
 * @throws {LogLockedError} It has another writer.
 * @throws {LogCorruptError} Something in the middle is not what was written.
 * @throws {LogVersionError} A later version wrote it.
 * @throws {LogUnavailableError} The disk failed.
 * @example
 * const log = await openJsonlLog('agent.jsonl')
 * const runtime = await openAgentRuntime({ log })
 */
export function openJsonlLog(path: string, options?: JsonlLogOptions): Promise<JsonlLog> {
  return openLog(nodeDisk, path, options)
}
