import type { Snapshot } from '../log/eventLog.js'
import { checksum } from './blocks.js'
import type { KeptSnapshot, LogDatabase } from './stores.js'
import { readTransaction, writeTransaction } from './transactions.js'

/** There is one. */
const KEY = 1

/** The latest state, in the log's database. `undefined` where there is none that can be trusted. */
export async function loadSnapshot(database: LogDatabase): Promise<Snapshot | undefined> {
  const kept = await readTransaction(database, ['snapshots'], (transaction) =>
    transaction.objectStore('snapshots').get(KEY),
  )
  if (!kept) return undefined
  const { seq, stateVersion, state } = kept
  if ((await checksumOf(database, kept)) !== kept.checksum) return undefined
  return { seq, stateVersion, state: JSON.parse(state) as Snapshot['state'] }
}

export async function saveSnapshot(database: LogDatabase, { seq, stateVersion, state }: Snapshot): Promise<void> {
  const text = { seq, stateVersion, state: JSON.stringify(state) }
  const kept = { ...text, checksum: await checksumOf(database, text) }
  await writeTransaction(database, ['snapshots'], (transaction) => [
    transaction.objectStore('snapshots').put(kept, KEY),
  ])
}

/** With that of the facts it stands on: a snapshot of others does not fit. */
async function checksumOf(
  database: LogDatabase,
  { seq, stateVersion, state }: Omit<KeptSnapshot, 'checksum'>,
): Promise<string> {
  const block = await readTransaction(database, ['blocks'], (transaction) =>
    transaction.objectStore('blocks').openCursor(IDBKeyRange.upperBound(seq), 'prev'),
  )
  return checksum([seq, stateVersion, state, block?.value.checksum ?? null])
}
