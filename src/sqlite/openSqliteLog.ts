import * as v from 'valibot'
import { LogCorruptError } from '../../slices/logErrors.js'
import { assertArgument, isRuntimeError } from '../../slices/rules/errors.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import type { EventLog, SnapshotStore } from '../log/eventLog.js'
import { isDatabase, type SqliteDatabase } from './database.js'
import { isResult } from './driverErrors.js'
import { openFile } from './openFile.js'
import { prepareSchema } from './schema.js'
import { SqliteEventLog, type SqliteEventLogOptions } from './sqliteLog.js'
import { SqliteOpenError } from './sqliteOpenError.js'
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
 * @throws {InvalidArgumentError}
 * @throws {SqliteOpenError} This Node has no SQLite, the file holds something else, or it cannot be opened. It was not changed.
 * @throws {LogVersionError} A later version wrote it.
 * @throws {LogCorruptError} It lacks what was written to it.
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
    return openLog(database, { readOnly, release: () => undefined })
  } catch (error) {
    throw openError(error)
  }
}

async function openPath(path: string, readOnly: boolean): Promise<SqliteLog> {
  let database: SqliteDatabase | undefined
  const release = () => void database?.close()
  try {
    assertWholeWal(path)
    database = openFile(path, readOnly)
    return openLog(database, { readOnly, release })
  } catch (error) {
    release()
    throw openError(error)
  }
}

function openLog(database: SqliteDatabase, options: SqliteEventLogOptions): SqliteLog {
  prepareSchema(database, options.readOnly)
  return new SqliteEventLog(database, options)
}

/** SQLite rebuilds what is in memory from the write-ahead log, and overwrites it with the next commit: this looks at it before. */
function assertWholeWal(path: string | null | undefined): void {
  const offset = typeof path === 'string' ? findDroppedCommits(`${path}-wal`) : undefined
  if (offset !== undefined)
    throw new LogCorruptError({ offset }, 'that is in its -wal file, and commits follow after it')
}

function openError(error: unknown): unknown {
  if (isRuntimeError(error)) return error
  if (isResult(error, 'SQLITE_NOTADB')) return new SqliteOpenError('not_a_log')
  if (isResult(error, 'SQLITE_CORRUPT')) return new LogCorruptError({}, 'the database file is malformed')
  return new SqliteOpenError('cannot_open', { cause: error })
}
