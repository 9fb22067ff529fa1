import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from '../../src/sqlite/index.js'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** What Node promises. Where it should be there and is not, the tests fail. */
const hasSqlite = major > 22 || (major === 22 && minor >= 14)

/** Tests that need `node:sqlite`. */
export function describeSqlite(name: string, tests: () => void): void {
  if (hasSqlite) describe(name, tests)
  else describe.skip(`${name} (node:sqlite needs Node 22.14, this is ${process.versions.node})`, tests)
}

/** `node:sqlite`, opened as anybody would. */
export function openNodeSqlite(path: string): SqliteDatabase {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as {
    DatabaseSync: new (path: string) => SqliteDatabase
  }
  return new DatabaseSync(path)
}

/** Names of results that better-sqlite3 has in place of their numbers. */
const RESULT_NAMES: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  26: 'SQLITE_NOTADB',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
}

class SqliteError extends Error {
  override readonly name = 'SqliteError'
  readonly code: string

  constructor({ message, errcode = 1 }: Error & { errcode?: number }) {
    super(message)
    this.code = RESULT_NAMES[errcode] ?? 'SQLITE_ERROR'
  }
}

/** What better-sqlite3 looks like: a name, errors with the names of results, statements that know whether they give rows. */
export function openLikeBetterSqlite(path: string): SqliteDatabase {
  const database = openNodeSqlite(path)
  return {
    name: path,
    exec: (sql) => asBetterSqlite(() => database.exec(sql)),
    prepare: (sql) =>
      likeBetterSqlite(
        asBetterSqlite(() => database.prepare(sql)),
        /^(SELECT|PRAGMA)/.test(sql),
      ),
    close: () => database.close(),
  }
}

function likeBetterSqlite(statement: SqliteStatement, givesRows: boolean): SqliteStatement {
  function assertRows(isGiven: boolean): void {
    if (isGiven !== givesRows) throw new TypeError(`This statement ${isGiven ? 'does not return' : 'returns'} data`)
  }
  return {
    run(...values: SqliteValue[]) {
      assertRows(false)
      return asBetterSqlite(() => statement.run(...values))
    },
    get(...values: SqliteValue[]) {
      assertRows(true)
      return asBetterSqlite(() => statement.get(...values))
    },
    all(...values: SqliteValue[]) {
      assertRows(true)
      return asBetterSqlite(() => statement.all(...values))
    },
  }
}

function asBetterSqlite<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw new SqliteError(error as Error)
  }
}

/** A folder of its own, and the databases that were opened in it. */
export class Place {
  readonly #opened: SqliteDatabase[] = []

  private constructor(readonly folder: string) {}

  static async create(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'sqlite-log-')))
  }

  get path(): string {
    return join(this.folder, 'log.db')
  }

  open(connect: (path: string) => SqliteDatabase): SqliteDatabase {
    const database = connect(this.path)
    this.#opened.push(database)
    return database
  }

  /** Runs SQL on a log that is closed. */
  change(sql: string): void {
    const database = openNodeSqlite(this.path)
    database.exec(sql)
    database.close()
  }

  async remove(): Promise<void> {
    for (const database of this.#opened) closeQuietly(database)
    await rm(this.folder, { recursive: true, force: true })
  }
}

function closeQuietly(database: SqliteDatabase): void {
  try {
    database.close()
  } catch {
    // The test has closed it.
  }
}
