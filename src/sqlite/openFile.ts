import { existsSync, statSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorCode } from '../jsonl/disk.js'
import { readValue, type SqliteDatabase } from './database.js'
import { isResult } from './driverErrors.js'
import { notALog } from './openErrors.js'
import { SqliteUnsupportedError } from './sqliteUnsupportedError.js'

/** How long a write waits for another program that writes to the file. Nothing else runs meanwhile. */
const BUSY_TIMEOUT_MS = 2_000

/** What is used of `node:sqlite`. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => SqliteDatabase
}

/** @throws {SqliteUnsupportedError} This Node has no `node:sqlite`. */
export function openFile(path: string, readOnly: boolean): SqliteDatabase {
  // Not an import: bundlers and older Nodes resolve those before anybody asks for this log.
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined
  if (!sqlite) throw new SqliteUnsupportedError('no_driver')
  const database = new sqlite.DatabaseSync(path, { readOnly })
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    readValue(database, 'SELECT count(*) FROM sqlite_schema')
    return database
  } catch (error) {
    database.close()
    const isShut = isResult(error, 'SQLITE_CANTOPEN') || isResult(error, 'SQLITE_READONLY')
    if (!readOnly || !isShut || !isAtRest(path)) throw error
    // SQLite reads it by means of two more files, which a folder that cannot be written to does not get. Not before Node 22.15.
    return new sqlite.DatabaseSync(`${pathToFileURL(path).href}?immutable=1`, { readOnly })
  }
}

/** All that was committed is in the file itself. */
function isAtRest(path: string): boolean {
  return existsSync(path) && (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/**
 * One log has one path, by whatever links it is reached.
 *
 * @throws {InvalidArgumentError} It is that of a folder, or of a device.
 */
export async function resolvePath(path: string, mustBeThere: boolean): Promise<string> {
  try {
    if (!(await stat(path)).isFile()) throw notALog(path, 'it is not a file')
    return await realpath(path)
  } catch (error) {
    if (mustBeThere || errorCode(error) !== 'ENOENT') throw error
    return join(await realpath(dirname(path)), basename(path))
  }
}
