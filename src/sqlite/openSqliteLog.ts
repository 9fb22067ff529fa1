import * as v from 'valibot'
import { LogCorruptError } from '../../slices/logErrors.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import { nodeDisk } from '../jsonl/disk.js'
import { lockLog, type Lock } from '../jsonl/lock.js'
import type { EventLog, SnapshotStore } from '../log/eventLog.js'
import { isDatabase, type SqliteDatabase } from './database.js'
import { openError } from './openErrors.js'
import { openFile, resolvePath } from './openFile.js'
import { prepareSchema } from './schema.js'
import { SqliteEventLog, type SqliteEventLogOptions } from './sqliteLog.js'
import { findDroppedCommits } from './walScan.js'

/** A log in a SQLite database. Its facts are the rows of the table `facts`, which any SQLite tool reads. */
export interface SqliteLog extends EventLog {
  readonly snapshots: SnapshotStore
}

export interface SqliteLogOptions {
  /** Appends nothing and changes no fact, beside a writer or without one. Default `false`. */
  readonly readOnly?: boolean | undefined
}

const schema = strictOptions({ readOnly: v.optional(flag, false) })

/**
 * Opens a log in a SQLite database, or makes one.
 *
 * Found when opening: commits that a damaged write-ahead log would drop, facts fewer than at the last close or snapshot, tables that
 * were changed. Found when reading: facts that are missing or are not what was written. Not found: after a crash, damage in the last
 * two commits of the write-ahead log, which looks like a write that was cut off; a write-ahead log that was deleted; a database that
 * was replaced by an older copy of itself.
 *
 * @param pathOrDatabase - A path needs Node 22.14 or later. An open database of `node:sqlite` or better-sqlite3 must have been opened
 * for this log alone; it is not closed with the log, and its busy timeout says how long a write waits for other programs.
 * @throws {InvalidArgumentError} The path cannot be used, or holds something else, which was not changed.
 * @throws {SqliteUnsupportedError} This Node has no SQLite, or the database cannot be written durably.
 * @throws {LogLockedError} It has another writer.
 * @throws {LogVersionError} A later version wrote it.
 * @throws {LogCorruptError} It lacks what was written to it.
 * @throws {LogUnavailableError} The disk failed, or another program held the database for too long.
 * @example
 * const log = await openSqliteLog('agent.db')
 * const runtime = await openAgentRuntime({ log })
 */
export async function openSqliteLog(
  pathOrDatabase: string | SqliteDatabase,
  options: SqliteLogOptions = {},
): Promise<SqliteLog> {
  const { readOnly } = parse(schema, options)
  if (isDatabase(pathOrDatabase)) return openDatabase(pathOrDatabase, readOnly)
  const isPath = typeof pathOrDatabase === 'string' && pathOrDatabase.trim() !== ''
  assertArgument(isPath, 'pathOrDatabase', pathOrDatabase, 'a path, or a database of node:sqlite or better-sqlite3')
  return openPath(pathOrDatabase, readOnly)
}

function openDatabase(database: SqliteDatabase, readOnly: boolean): SqliteLog {
  try {
    assertWholeWal(database.name ?? database.location?.())
    return openLog(database, database, { readOnly, release: () => undefined })
  } catch (error) {
    throw openError(error, database)
  }
}

async function openPath(path: string, readOnly: boolean): Promise<SqliteLog> {
  try {
    const resolved = await resolvePath(path, readOnly)
    const lock = readOnly ? undefined : await lockLog(nodeDisk, resolved)
    return await openLocked(resolved, lock)
  } catch (error) {
    throw openError(error, path)
  }
}

/** @param lock - `undefined`: for reading only. */
async function openLocked(path: string, lock: Lock | undefined): Promise<SqliteLog> {
  let database: SqliteDatabase | undefined
  const release = async () => {
    try {
      database?.close()
    } finally {
      await lock?.release()
    }
  }
  try {
    assertWholeWal(path)
    database = openFile(path, !lock)
    return openLog(database, path, { readOnly: !lock, release })
  } catch (error) {
    await release().catch(() => undefined)
    throw error
  }
}

function openLog(database: SqliteDatabase, place: unknown, options: SqliteEventLogOptions): SqliteLog {
  prepareSchema(database, place, options.readOnly)
  return new SqliteEventLog(database, options)
}

/** SQLite rebuilds what is in memory from the write-ahead log, and overwrites it with the next commit: this looks at it before. */
function assertWholeWal(path: string | null | undefined): void {
  const offset = typeof path === 'string' ? findDroppedCommits(`${path}-wal`) : undefined
  if (offset === undefined) return
  throw new LogCorruptError({ offset }, 'that is in its -wal file, and commits follow after it')
}
