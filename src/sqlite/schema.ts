import { LogCorruptError, LogVersionError } from '../../slices/logErrors.js'
import { readValue, transaction, type SqliteDatabase, type SqliteRow } from './database.js'
import { notALog } from './openErrors.js'
import { SqliteUnsupportedError } from './sqliteUnsupportedError.js'

/** "RARL", in the header of every log: `PRAGMA application_id`. */
const APPLICATION_ID = 0x5241524c

/** `PRAGMA user_version`, and where in the file it is. */
const SCHEMA_VERSION = 1
const SCHEMA_VERSION_OFFSET = 60

const TABLES: Readonly<Record<string, string>> = {
  facts: `CREATE TABLE facts (
  seq INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  at REAL NOT NULL,
  type TEXT NOT NULL,
  v INTEGER NOT NULL,
  payload TEXT NOT NULL,
  meta TEXT NOT NULL,
  crc INTEGER NOT NULL,
  UNIQUE (stream, version)
) STRICT`,
  snapshots: `CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  state_version TEXT NOT NULL,
  state TEXT NOT NULL,
  crc INTEGER NOT NULL
) STRICT`,
  heads: `CREATE TABLE heads (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
) STRICT`,
}

/**
 * Makes sure that a database is a log of this version. Makes an empty one a log.
 *
 * @param place - What errors call it: its path, or itself.
 * @throws {InvalidArgumentError} It holds something else. Nothing was changed.
 * @throws {SqliteUnsupportedError} It cannot be written durably.
 * @throws {LogVersionError} A later version made it.
 * @throws {LogCorruptError} Its tables are not as they were made.
 */
export function prepareSchema(database: SqliteDatabase, place: unknown, readOnly: boolean): void {
  if (readOnly) return assertSchema(database, place)
  transaction(database, () => {
    if (isEmpty(database)) createSchema(database)
    assertSchema(database, place)
  })
  makeDurable(database)
}

function isEmpty(database: SqliteDatabase): boolean {
  const isMarked = readInteger(database, 'PRAGMA application_id') !== 0 || readVersion(database) !== 0
  return !isMarked && readInteger(database, 'SELECT count(*) FROM sqlite_schema') === 0
}

function createSchema(database: SqliteDatabase): void {
  for (const sql of Object.values(TABLES)) database.exec(sql)
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
}

function assertSchema(database: SqliteDatabase, place: unknown): void {
  if (readInteger(database, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw notALog(place, isEmpty(database) ? 'it is empty' : 'it is a SQLite database of something else')
  }
  const version = readVersion(database)
  if (version > SCHEMA_VERSION) {
    throw new LogVersionError('the SQLite schema', version, SCHEMA_VERSION, { offset: SCHEMA_VERSION_OFFSET })
  }
  const tables = database.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'table'`).all() as SqliteRow[]
  const found = new Map(tables.map(({ name, sql }) => [name, sql]))
  const isWhole = Object.entries(TABLES).every(([name, sql]) => found.get(name) === sql)
  if (!isWhole || version !== SCHEMA_VERSION) throw new LogCorruptError({}, 'its tables are not as they were made')
}

function makeDurable(database: SqliteDatabase): void {
  const journal = readValue(database, 'PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  const full = 2
  if (journal !== 'wal' || readInteger(database, 'PRAGMA synchronous') !== full)
    throw new SqliteUnsupportedError('not_durable')
  // What somebody committed who was killed before the sync may be in memory only. From here on it counts as durable.
  database.exec('PRAGMA wal_checkpoint(PASSIVE)')
}

function readVersion(database: SqliteDatabase): number {
  return readInteger(database, 'PRAGMA user_version')
}

function readInteger(database: SqliteDatabase, sql: string): number {
  return Number(readValue(database, sql))
}
