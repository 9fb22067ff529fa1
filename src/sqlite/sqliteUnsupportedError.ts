import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** There is no SQLite here that could keep a log. */
export class SqliteUnsupportedError extends AgentRuntimeError {
  override readonly name = 'SqliteUnsupportedError'
  readonly code = 'sqlite_unsupported'

  /**
   * @param reason - `no_driver`: this Node has no SQLite. `not_durable`: the database cannot keep what it was given through a crash,
   * such as one in memory.
   */
  constructor(readonly reason: 'no_driver' | 'not_durable') {
    super(MESSAGES[reason])
  }
}

const MESSAGES = {
  no_driver: 'this Node has no node:sqlite: use Node 22.14 or later, or pass an open better-sqlite3 database',
  not_durable: 'this database cannot keep a log: it must take both journal_mode=WAL and synchronous=FULL',
}
