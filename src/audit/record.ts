import { canonicalJson, type JsonObject } from '../../slices/rules/json.js'
import { toHex, utf8 } from './bytes.js'

/** Something that happened, sealed to what happened before it. Frozen. */
export interface AuditRecord {
  /** From 0, without gaps. */
  readonly sequence: number
  /** When it happened: an RFC 3339 instant, in the characters in which it was given. */
  readonly timestamp: string
  readonly eventType: string
  readonly payload: JsonObject
  /** The hash of the record before it; `GENESIS_HASH` in the first. */
  readonly prevHash: string
  /** Of all the above, in lower-case hex. */
  readonly recordHash: string
  /** The HMAC-SHA256 of `recordHash` in lower-case hex, when the chain has a key. */
  readonly signature?: string
}

/** The last record of a chain, in as little as it takes to recognise it. */
export interface AuditHead {
  readonly sequence: number
  readonly recordHash: string
}

/** What the first record of a chain has for the hash of the one before it. */
export const GENESIS_HASH = '0'.repeat(64)

export const HASH = /^[0-9a-f]{64}$/

/**
 * The SHA-256 of the previous hash and then of the record as canonical JSON: keys in snake_case, sorted by code unit at every
 * level, no spaces, and numbers and strings as ECMAScript writes them (RFC 8785).
 */
export async function hashRecord(record: Omit<AuditRecord, 'recordHash' | 'signature'>): Promise<string> {
  const { sequence, timestamp, eventType, payload, prevHash } = record
  const canonical = canonicalJson({ sequence, timestamp, event_type: eventType, payload, prev_hash: prevHash })
  return toHex(await crypto.subtle.digest('SHA-256', utf8(`${prevHash}${canonical}`)))
}
