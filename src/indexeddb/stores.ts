import type { DBSchema, IDBPDatabase, StoreNames } from 'idb'

/** What a log's database keeps. */
export interface LogSchema extends DBSchema {
  /** What the database is: its `format`. */
  about: { key: string; value: string }
  blocks: { key: number; value: Block; indexes: { byStream: [stream: string, version: number] } }
  /** How many facts each stream has. Written with its facts. */
  streams: { key: string; value: StreamHead }
  snapshots: { key: number; value: KeptSnapshot }
}

/** Facts that were written together: a record costs as much time as hundreds of facts in it. */
export interface Block {
  /** Of its first fact. Each writer goes on where it knows the log to end, so that two of them collide in the key. */
  readonly seq: number
  /** Of its last fact. */
  readonly last: number
  /** Each stream that it has facts of, and which of the stream's facts is the last of them, from 1. */
  readonly streams: readonly (readonly [stream: string, version: number])[]
  /** A JSON array. */
  readonly facts: string
  readonly checksum: string
}

export interface StreamHead {
  readonly stream: string
  readonly version: number
  readonly checksum: string
}

export interface KeptSnapshot {
  readonly seq: number
  readonly stateVersion: string
  /** As JSON. */
  readonly state: string
  readonly checksum: string
}

export type LogDatabase = IDBPDatabase<LogSchema>

export type StoreName = StoreNames<LogSchema>
