import { LogCorruptError, LogVersionError } from '../../slices/logErrors.js'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import type { LogDatabase, StoreName } from './stores.js'
import { readTransaction } from './transactions.js'

/** The version of a log's database. */
const SCHEMA_VERSION = 1

const FORMAT = 'redux-agent-runtime/log'

/** Each store with the paths of its key and of its indexes. */
const STORES: Readonly<Record<StoreName, readonly string[]>> = {
  about: ['null'],
  blocks: ['seq', 'byStream: streams'],
  snapshots: ['null'],
  streams: ['stream'],
}

/** While the database is made. */
export function createStores(database: LogDatabase): void {
  database
    .createObjectStore('about')
    .put(FORMAT, 'format')
    .catch(() => undefined)
  database.createObjectStore('blocks', { keyPath: 'seq' }).createIndex('byStream', 'streams', { multiEntry: true })
  database.createObjectStore('streams', { keyPath: 'stream' })
  database.createObjectStore('snapshots')
}

/**
 * @throws {InvalidArgumentError} The database holds something else.
 * @throws {LogVersionError} A later version made it.
 * @throws {LogCorruptError} Its stores are not as they were made.
 */
export async function assertSchema(database: LogDatabase): Promise<void> {
  const { name, version, objectStoreNames } = database
  if (objectStoreNames.length === 0) throw notALog(name, 'it is empty')
  if (!(await isLog(database))) throw notALog(name, 'it is a database of something else')
  if (version > SCHEMA_VERSION) throw new LogVersionError('the IndexedDB schema', version, SCHEMA_VERSION, {})
  if (!(await isWhole(database))) throw new LogCorruptError({}, 'its stores are not as they were made')
}

export function notALog(name: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError('name', name, 'that of a log', `${name} is not a log: ${why}`)
}

async function isLog(database: LogDatabase): Promise<boolean> {
  if (!database.objectStoreNames.contains('about')) return false
  const format = await readTransaction(database, ['about'], (transaction) =>
    transaction.objectStore('about').get('format'),
  )
  return format === FORMAT
}

async function isWhole(database: LogDatabase): Promise<boolean> {
  const names = Object.keys(STORES) as StoreName[]
  if (String([...database.objectStoreNames]) !== String(names)) return false
  return readTransaction(database, names, async (transaction) =>
    names.every((name) => String(pathsOf(transaction.objectStore(name))) === String(STORES[name])),
  )
}

type Store = Pick<IDBObjectStore, 'keyPath' | 'indexNames'> & {
  readonly index: (name: never) => Pick<IDBIndex, 'keyPath'>
}

function pathsOf(store: Store): string[] {
  const indexes = [...store.indexNames].map((name) => `${name}: ${String(store.index(name as never).keyPath)}`)
  return [String(store.keyPath), ...indexes]
}
