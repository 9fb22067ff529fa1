import type { Snapshot } from '../log/eventLog.js'
import { transaction, type SqliteDatabase, type SqliteRow } from './database.js'
import { checksum } from './factRows.js'
import { writeHead } from './heads.js'

/** The latest state, in a row of the log's database. `undefined` where there is none that can be trusted. */
export function loadSnapshot(database: SqliteDatabase): Snapshot | undefined {
  const row = database.prepare('SELECT seq, state_version, state, crc FROM snapshots').get() as SqliteRow | undefined
  if (!row) return undefined
  const { seq, state_version: stateVersion, state, crc } = row
  if (checksumOf(database, Number(seq), stateVersion as string, state as string) !== Number(crc)) return undefined
  return {
    seq: Number(seq),
    stateVersion: stateVersion as string,
    state: JSON.parse(state as string) as Snapshot['state'],
  }
}

export function saveSnapshot(database: SqliteDatabase, snapshot: Snapshot): void {
  const { seq, stateVersion } = snapshot
  const state = JSON.stringify(snapshot.state)
  const crc = checksumOf(database, seq, stateVersion, state)
  transaction(database, () => {
    database.prepare('REPLACE INTO snapshots VALUES (1, ?, ?, ?, ?)').run(seq, stateVersion, state, crc)
    writeHead(database, seq)
  })
}

/** With that of the fact it stands on: a snapshot of other facts does not fit. */
function checksumOf(database: SqliteDatabase, seq: number, stateVersion: string, state: string): number {
  const fact = database.prepare('SELECT crc FROM facts WHERE seq = ?').get(seq) as SqliteRow | undefined
  return checksum([seq, stateVersion, state, fact && Number(fact['crc'])])
}
