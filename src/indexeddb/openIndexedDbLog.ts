import { openDB, type IDBPTransaction } from 'idb'
import * as v from 'valibot'
import { flag, nonBlank, parse, strictOptions } from '../config/schema.js'
import type { EventLog, SnapshotStore } from '../log/eventLog.js'
import { readHeads } from './heads.js'
import { IndexedDbEventLog } from './indexedDbLog.js'
import { IndexedDbUnsupportedError } from './indexedDbUnsupportedError.js'
import { lockLog, type Lock } from './lock.js'
import { assertSchema, createStores, notALog } from './schema.js'
import type { LogDatabase, LogSchema, StoreName } from './stores.js'
import { databaseError } from './transactions.js'

/** A log in a database of the browser. Each record of its store `blocks` has facts that were written together, as JSON. */
export interface IndexedDbLog extends EventLog {
  readonly snapshots: SnapshotStore
}

export interface IndexedDbLogOptions {
  /** Opens a log that is there, beside a writer or without one. What is appended to it later is not seen. Default `false`. */
  readonly readOnly?: boolean | undefined
}

const schema = strictOptions({ readOnly: v.optional(flag, false) })

/**
 * Opens a log in an IndexedDB database of this site, or makes one. It is this page's or worker's until it is closed or its page is gone.
 *
 * A browser may delete the data of a site when it runs out of room, unless `navigator.storage.persist()` was granted.
 *
 * @param name - Of the database. It must be this log's alone.
 * @throws {InvalidArgumentError} The name is blank or that of something else, which was not changed; or there is no log to read.
 * @throws {IndexedDbUnsupportedError} This is no browser.
 * @throws {LogLockedError} Another tab or worker writes it.
 * @throws {LogVersionError} A later version wrote it.
 * @throws {LogCorruptError} It lacks what was written to it.
 * @throws {LogUnavailableError} The browser does not let this page keep anything, or its disk failed.
 * @example
 * const log = await openIndexedDbLog('runs')
 * const runtime = await openAgentRuntime({ log })
 */
export async function openIndexedDbLog(name: string, options: IndexedDbLogOptions = {}): Promise<IndexedDbLog> {
  parse(nonBlank, name, 'name')
  const { readOnly } = parse(schema, options)
  if (typeof indexedDB === 'undefined') throw new IndexedDbUnsupportedError()
  try {
    const lock = readOnly ? undefined : await lockLog(name)
    return await openLocked(name, lock)
  } catch (error) {
    throw databaseError(error)
  }
}

/** @param lock - `undefined`: for reading only. */
async function openLocked(name: string, lock: Lock | undefined): Promise<IndexedDbLog> {
  let database: LogDatabase | undefined
  const release = () => {
    database?.close()
    lock?.release()
  }
  try {
    database = lock ? await openOrCreate(name) : await openExisting(name)
    await assertSchema(database)
    return new IndexedDbEventLog({ database, heads: await readHeads(database), readOnly: !lock, release })
  } catch (error) {
    release()
    throw error
  }
}

function openOrCreate(name: string): Promise<LogDatabase> {
  return connect(name, (transaction) => createStores(transaction.db))
}

async function openExisting(name: string): Promise<LogDatabase> {
  try {
    return await connect(name, (transaction) => {
      transaction.done.catch(() => undefined)
      transaction.abort()
    })
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? notALog(name, 'it is not there') : error
  }
}

type Making = IDBPTransaction<LogSchema, StoreName[], 'versionchange'>

/** @param make - Called where there is no database yet, with the transaction that makes it. */
async function connect(name: string, make: (transaction: Making) => void): Promise<LogDatabase> {
  const database = await openDB<LogSchema>(name, undefined, {
    upgrade: (_database, _from, _to, transaction) => make(transaction),
    // Somebody deletes it, and waits for those who have it open. What is not durable then never will be.
    blocking: () => database.close(),
  })
  return database
}
