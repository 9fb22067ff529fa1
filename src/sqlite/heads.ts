import { LogCorruptError } from '../../slices/logErrors.js'
import { StreamHeads } from '../log/streamHeads.js'
import { readValue, type SqliteDatabase, type SqliteRow } from './database.js'

/** How many facts a database and its streams hold. Streams are looked up when somebody asks for them. */
export class StoredHeads extends StreamHeads {
  readonly #stored: (stream: string) => number

  constructor(seq: number, stored: (stream: string) => number) {
    super(seq)
    this.#stored = stored
  }

  override of(stream?: string): number {
    if (stream === undefined) return super.of()
    return super.of(stream) || this.#stored(stream)
  }
}

/**
 * The `seq` of the last fact.
 *
 * @throws {LogCorruptError} There were more when the log was closed, or when its snapshot was taken.
 */
export function readHead(database: SqliteDatabase): number {
  const head = Number(readValue(database, 'SELECT MAX(seq) FROM facts'))
  const known = Number(readValue(database, 'SELECT seq FROM heads') ?? 0)
  if (head < known) throw new LogCorruptError({ seq: head + 1 }, `facts ${head + 1} to ${known} are missing`)
  return head
}

/** Keeps how many facts there are, apart from the facts. */
export function writeHead(database: SqliteDatabase, seq: number): void {
  database.prepare('REPLACE INTO heads VALUES (1, ?)').run(seq)
}

/** How many facts a stream has in the database, by its encoded name. */
export function readVersion(database: SqliteDatabase, stream: string): number {
  const row = database.prepare('SELECT MAX(version) AS version FROM facts WHERE stream = ?').get(stream) as SqliteRow
  return Number(row['version'])
}
