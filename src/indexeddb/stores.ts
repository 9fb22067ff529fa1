import type { DBSchema, IDBPDatabase, StoreNames } from 'idb'

export interface LogSchema extends DBSchema {
  /** What the database is: its `format`. */
  about: { key: string; value: string }
  facts: { key: number; value: FactRecord; indexes: { byStream: [stream: string, version: number] } }
  /** How many facts each stream has. Written with its facts. */
  streams: { key: string; value: StreamRecord }
  snapshots: { key: number; value: SnapshotRecord }
}

export interface FactRecord {
  readonly seq: number
  readonly stream: string
  /** Which of its stream's facts it is, from 1. */
  readonly version: number
  /** As JSON. */
  readonly fact: string
  readonly checksum: string
}

export interface StreamRecord {
  readonly stream: string
  readonly version: number
}

export interface SnapshotRecord {
  readonly seq: number
  readonly stateVersion: string
  /** As JSON. */
  readonly state: string
  readonly checksum: string
}

export type LogDatabase = IDBPDatabase<LogSchema>

export type StoreName = StoreNames<LogSchema>
