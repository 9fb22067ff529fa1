import { LogCorruptError } from '../../slices/logErrors.js'
import { StreamHeads } from '../log/streamHeads.js'
import type { SqliteDatabase, SqliteRow } from './database.js'

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

const HEADS = 'SELECT (SELECT MAX(seq) FROM facts) AS head, (SELECT seq FROM heads) AS known'

/**
 * The `seq` of the last fact.
 *
 * @throws {LogCorruptError} There were more when the log was closed, or when its snapshot was taken.
 */
export function readHead(database: SqliteDatabase): number {
  // One statement sees one state of the database, whoever writes to it at this moment.
  const row = database.prepare(HEADS).get() as SqliteRow
  const [head, known] = [Number(row['head']), Number(row['known'])]
  if (head < known) throw new LogCorruptError({ seq: head + 1 }, `facts ${head + 1} to ${known} are missing`)
  return head
}

/** Keeps how many facts there are, apart from the facts. */
export function writeHead(database: SqliteDatabase, seq: number): void {
  database.prepare('REPLACE INTO heads VALUES (1, ?)').run(seq)
}

const VERSION = 'SELECT version FROM facts WHERE stream = ? AND seq <= ? ORDER BY version DESC LIMIT 1'

/** How many facts a stream has in the database up to a `seq`, by its encoded name. */
export function readVersion(database: SqliteDatabase, stream: string, until: number): number {
  const row = database.prepare(VERSION).get(stream, until) as SqliteRow | undefined
  return Number(row?.['version'] ?? 0)
}
