import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import type { SqliteDatabase, SqliteRow } from './database.js'
import { readError } from './driverErrors.js'
import { decodeFact, FACT_COLUMNS } from './factRows.js'

const PAGE_ROWS = 256

export interface Range {
  /** The encoded name of one stream. Default: the whole log. */
  readonly stream?: string | undefined
  /** How many facts to skip. */
  readonly after: number
  /** The last that counts: a `seq`, or a version of the stream. */
  readonly until: number
}

/**
 * Facts of a database in order, page by page: nothing is held open between them.
 *
 * @param open - Gives the database. Throws when the log was closed meanwhile.
 * @throws {LogCorruptError} A fact is missing, or is not what was written.
 */
export function* readPages(open: () => SqliteDatabase, { stream, after, until }: Range): Generator<Fact> {
  for (let position = after; position < until;) {
    const rows = readPage(open(), { stream, after: position, until })
    for (const row of rows) {
      position += 1
      assertPosition(row, stream, position)
      yield decodeFact(row)
    }
    if (rows.length === 0) throw missing(stream, position + 1)
  }
}

function readPage(database: SqliteDatabase, { stream, after, until }: Range): SqliteRow[] {
  const [where, order, values] = stream === undefined ? ['', 'seq', []] : ['stream = ? AND', 'version', [stream]]
  const sql = `SELECT ${FACT_COLUMNS} FROM facts WHERE ${where} ${order} > ? AND ${order} <= ? ORDER BY ${order} LIMIT ${PAGE_ROWS}`
  try {
    return database.prepare(sql).all(...values, after, until) as SqliteRow[]
  } catch (error) {
    throw readError(error, stream === undefined ? { seq: after + 1 } : {})
  }
}

function assertPosition(row: SqliteRow, stream: string | undefined, position: number): void {
  const found = Number(stream === undefined ? row['seq'] : row['version'])
  if (found !== position) throw missing(stream, position)
}

function missing(stream: string | undefined, position: number): LogCorruptError {
  if (stream === undefined) return new LogCorruptError({ seq: position }, 'it is missing')
  return new LogCorruptError({}, `fact ${position} of a stream is missing`)
}
