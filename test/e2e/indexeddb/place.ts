import { deleteDB, openDB, type IDBPDatabase } from 'idb'
import { openIndexedDbLog, type IndexedDbLog } from '../../../src/indexeddb/index.js'

/** A database of its own for one test. */
export class Place {
  readonly name = `test-${crypto.randomUUID()}`

  open(): Promise<IndexedDbLog> {
    return openIndexedDbLog(this.name)
  }

  openReadOnly(): Promise<IndexedDbLog> {
    return openIndexedDbLog(this.name, { readOnly: true })
  }

  /** Makes the database, or a later version of it. */
  async make(make: (database: IDBDatabase) => unknown, version?: number): Promise<void> {
    const database = await openDB(this.name, version, { upgrade: (database) => void make(database as never) })
    database.close()
  }

  /** Does something to the database that no log does. */
  async change(change: (database: IDBPDatabase) => Promise<unknown>): Promise<void> {
    const database = await openDB(this.name)
    await change(database)
    database.close()
  }

  remove(): Promise<void> {
    return deleteDB(this.name)
  }
}
