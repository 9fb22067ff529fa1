import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import { missingFact } from '../log/missingFact.js'
import type { SqliteDatabase, SqliteRow } from './database.js'
import { readError } from './driverErrors.js'
import { decodeFact, FACT_COLUMNS } from './factRows.js'

const PAGE_ROWS = 256

const SELECT = `SELECT ${FACT_COLUMNS} FROM facts WHERE`

/** Who reads one stream sees what its index leads to, and would not miss a fact at its end: who reads the log looks for that. */
const UNINDEXED = `SELECT MIN(seq) AS seq FROM facts AS fact WHERE seq > ? AND seq <= ? AND seq IS NOT (
  SELECT found.seq FROM facts AS found WHERE found.stream = fact.stream AND found.version = fact.version
)`

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
    if (rows.length === 0) throw missingFact(stream, position + 1)
  }
}

function readPage(database: SqliteDatabase, range: Range): SqliteRow[] {
  try {
    return range.stream === undefined ? readLog(database, range) : readStream(database, range.stream, range)
  } catch (error) {
    throw readError(error, range.stream === undefined ? { seq: range.after + 1 } : {})
  }
}

function readLog(database: SqliteDatabase, { after, until }: Range): SqliteRow[] {
  const last = Math.min(until, after + PAGE_ROWS)
  const rows = database.prepare(`${SELECT} seq > ? AND seq <= ? ORDER BY seq`).all(after, last) as SqliteRow[]
  const { seq } = database.prepare(UNINDEXED).get(after, last) as SqliteRow
  if (seq !== null) throw new LogCorruptError({ seq: Number(seq) }, 'the index of its stream does not lead to it')
  return rows
}

function readStream(database: SqliteDatabase, stream: string, { after, until }: Range): SqliteRow[] {
  const last = Math.min(until, after + PAGE_ROWS)
  const sql = `${SELECT} stream = ? AND version > ? AND version <= ? ORDER BY version`
  return database.prepare(sql).all(stream, after, last) as SqliteRow[]
}

function assertPosition(row: SqliteRow, stream: string | undefined, position: number): void {
  const found = Number(stream === undefined ? row['seq'] : row['version'])
  if (found !== position) throw missingFact(stream, position)
}
