import type { Snapshot } from '../log/eventLog.js'
import { checksum } from './factRecords.js'
import type { FactRecord, LogDatabase, SnapshotRecord } from './stores.js'
import { readTransaction, writeTransaction } from './transactions.js'

/** There is one. */
const KEY = 1

/** The latest state, in the log's database. `undefined` where there is none that can be trusted. */
export async function loadSnapshot(database: LogDatabase): Promise<Snapshot | undefined> {
  const record = await readTransaction(database, ['snapshots'], (transaction) =>
    transaction.objectStore('snapshots').get(KEY),
  )
  if (!record) return undefined
  const { seq, stateVersion, state } = record
  if (checksumOf(record, await readFact(database, seq)) !== record.checksum) return undefined
  return { seq, stateVersion, state: JSON.parse(state) as Snapshot['state'] }
}

export async function saveSnapshot(database: LogDatabase, { seq, stateVersion, state }: Snapshot): Promise<void> {
  const record = { seq, stateVersion, state: JSON.stringify(state) }
  const kept: SnapshotRecord = { ...record, checksum: checksumOf(record, await readFact(database, seq)) }
  await writeTransaction(database, ['snapshots'], (transaction) => [
    transaction.objectStore('snapshots').put(kept, KEY),
  ])
}

function readFact(database: LogDatabase, seq: number): Promise<FactRecord | undefined> {
  return readTransaction(database, ['facts'], (transaction) => transaction.objectStore('facts').get(seq))
}

/** With that of the fact it stands on: a snapshot of other facts does not fit. */
function checksumOf(record: Omit<SnapshotRecord, 'checksum'>, fact: FactRecord | undefined): string {
  return checksum([record.seq, record.stateVersion, record.state, fact?.checksum ?? null])
}
