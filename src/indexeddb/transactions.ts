import type { IDBPTransaction } from 'idb'
import { isRuntimeError, type AgentRuntimeError } from '../../slices/rules/errors.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import type { LogDatabase, LogSchema, StoreName } from './stores.js'

type Stores = StoreName[]
type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<LogSchema, Stores, Mode>

/** Reads from several stores as they are at one moment. */
export async function readTransaction<T>(
  database: LogDatabase,
  stores: Stores,
  read: (transaction: Transaction<'readonly'>) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(stores)
  const [result] = await Promise.all([read(transaction), transaction.done])
  return result
}

/**
 * Writes all or nothing, and resolves when that is on the disk.
 *
 * @param write - Makes requests, all at once.
 */
export async function writeTransaction(
  database: LogDatabase,
  stores: Stores,
  write: (transaction: Transaction<'readwrite'>) => readonly Promise<unknown>[],
): Promise<void> {
  const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' })
  // The requests come first: the error of the one that failed says more than that of the transaction.
  const requests = write(transaction)
  transaction.commit()
  await Promise.all([...requests, transaction.done])
}

/** What the database threw, as an error of this library. */
export function databaseError(error: unknown): AgentRuntimeError {
  return isRuntimeError(error) ? error : new LogUnavailableError('failed', { cause: error })
}
