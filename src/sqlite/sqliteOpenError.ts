import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** A SQLite log could not be opened. Nothing was changed. */
export class SqliteOpenError extends AgentRuntimeError {
  override readonly name = 'SqliteOpenError'
  readonly code = 'sqlite_open'

  /**
   * @param reason - `no_driver`: this Node has no SQLite. `not_a_log`: the file holds something else. `not_durable`: the database
   * cannot keep what it was given through a crash. `cannot_open`: `cause` says why.
   */
  constructor(
    readonly reason: 'no_driver' | 'not_a_log' | 'not_durable' | 'cannot_open',
    options?: { readonly cause: unknown },
  ) {
    super(MESSAGES[reason], options)
  }
}

const MESSAGES = {
  no_driver: 'this Node has no node:sqlite: use Node 22.14 or later, or pass an open better-sqlite3 database',
  not_a_log: 'this is no log of redux-agent-runtime: a log needs a SQLite database of its own',
  not_durable: 'this database cannot hold a log: it must be a file with journal_mode=WAL and synchronous=FULL',
  cannot_open: 'the SQLite database could not be opened',
}
