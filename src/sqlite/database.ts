/** What a log needs of an open database. A `DatabaseSync` of `node:sqlite` has it, and so has a better-sqlite3 database. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
  /** better-sqlite3: the path it was opened with. */
  readonly name?: string
  /** `node:sqlite`, from Node 22.16: the path it was opened with, `null` in memory. */
  location?(): string | null
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

/** No `null`: the types of better-sqlite3 take none. */
export type SqliteValue = string | number

/** A row, by the names of its columns. A database that was told to gives integers as `bigint`. */
export type SqliteRow = Readonly<Record<string, string | number | bigint | null>>

export function isDatabase(value: unknown): value is SqliteDatabase {
  const { exec, prepare } = (typeof value === 'object' && value !== null ? value : {}) as Partial<SqliteDatabase>
  return typeof exec === 'function' && typeof prepare === 'function'
}

/** The first column of the first row. */
export function readValue(database: SqliteDatabase, sql: string): SqliteRow[string] | undefined {
  const row = database.prepare(sql).get() as SqliteRow | undefined
  return row && Object.values(row)[0]
}

/** All or nothing. Waits for those who write at this moment as long as the busy timeout of the database says. */
export function transaction<T>(database: SqliteDatabase, write: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = write()
    database.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // After some errors, such as a full disk, SQLite has done it already.
  }
}
