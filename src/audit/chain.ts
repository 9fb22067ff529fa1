import type { Clock } from '../../sagas/context.js'
import { assertArgument } from '../../slices/rules/errors.js'
import type { JsonObject } from '../../slices/rules/json.js'
import { frozenJson } from '../checkpoints/frozenJson.js'
import { createSystemClock } from '../clock.js'
import { nonBlank, parse } from '../config/schema.js'
import { assertHead } from './head.js'
import { GENESIS_HASH, hashRecord, type AuditHead, type AuditRecord } from './record.js'
import { createSigner, type SigningKey } from './signer.js'

export interface AuditChainOptions {
  /** Signs every record. Who has not the key cannot make a chain that verifies with it. Default: records are not signed. */
  readonly signingKey?: SigningKey | undefined
  /** What stamps records that come without a timestamp, and tells their age. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
  /** The last record of a chain that is kept elsewhere; this one goes on from it. Default: begins a new chain. */
  readonly head?: AuditHead | undefined
}

export interface AuditEntry {
  /** Such as `usage.recorded`. */
  readonly eventType: string
  readonly payload: JsonObject
  /** An RFC 3339 instant: `2026-01-16T00:00:00Z`. Default: now. */
  readonly timestamp?: string | undefined
}

/** A list of records, each of which holds the hash of the one before it. */
export interface AuditChain {
  /**
   * Seals an entry as it is now, and adds it. Calls take effect in the order in which they are made, whoever makes them.
   *
   * @throws {InvalidArgumentError} Names the field: `payload.usage.at`. Nothing was added.
   */
  append(entry: AuditEntry): Promise<AuditRecord>
  /** What was appended here and not purged, oldest first. A copy. */
  records(): readonly AuditRecord[]
  /**
   * The last record that was sealed, purged or not; `null` before the first. Kept apart from the records, it shows a verifier that
   * none are missing from the end.
   */
  head(): AuditHead | null
  /**
   * Drops the oldest records, up to the first that is younger. The sequence and the hashes go on as if they were there.
   *
   * @param options.olderThanDays - At least 183.
   * @returns How many were dropped.
   * @throws {InvalidArgumentError} `olderThanDays` is less, or not a number.
   */
  purge(options: { readonly olderThanDays: number }): Promise<number>
}

/** Half a year: what audit logs are to be kept for at the least. */
const MIN_RETENTION_DAYS = 183
const DAY_MS = 86_400_000
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/**
 * A chain of audit records in this process's memory. Uses WebCrypto, which browsers have in secure contexts only.
 *
 * @throws {InvalidArgumentError} Names the option.
 * @example
 * const chain = createAuditChain({ signingKey: process.env.AUDIT_KEY })
 * await chain.append({ eventType: 'usage.recorded', payload: { model: 'your-model', cost_usd: 0.033 } })
 * await verifyAuditChain(chain.records(), { signingKey: process.env.AUDIT_KEY, requireGenesis: true })
 */
export function createAuditChain({
  signingKey,
  clock = createSystemClock(),
  head: resumed,
}: AuditChainOptions = {}): AuditChain {
  const signer = signingKey === undefined ? undefined : createSigner(signingKey)
  if (resumed !== undefined) assertHead(resumed)
  const records: AuditRecord[] = []
  let head: AuditHead | null = resumed ? Object.freeze({ ...resumed }) : null
  let idle: Promise<unknown> = Promise.resolve()

  /** Runs `task` when all earlier ones have ended, well or not. */
  function inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    const result = idle.then(task)
    idle = result.catch(() => undefined)
    return result
  }

  async function seal(entry: Pick<AuditRecord, 'timestamp' | 'eventType' | 'payload'>): Promise<AuditRecord> {
    const prevHash = head?.recordHash ?? GENESIS_HASH
    const unsealed = { sequence: head === null ? 0 : head.sequence + 1, ...entry, prevHash }
    const recordHash = await hashRecord(unsealed)
    const signature = await signer?.sign(recordHash)
    const record = Object.freeze({ ...unsealed, recordHash, ...(signature !== undefined && { signature }) })
    records.push(record)
    head = Object.freeze({ sequence: record.sequence, recordHash })
    return record
  }

  return {
    async append({ eventType, payload, timestamp = new Date(clock.now()).toISOString() }) {
      parse(nonBlank, eventType, 'eventType')
      assertArgument(isInstant(timestamp), 'timestamp', timestamp, 'an RFC 3339 instant')
      // Before anything is awaited: what the caller does to the payload from now on is not part of the record.
      const entry = { timestamp, eventType, payload: frozenJson(payload, 'payload') }
      return inTurn(() => seal(entry))
    },
    records: () => [...records],
    head: () => head,
    async purge({ olderThanDays }) {
      const isAllowed = Number.isFinite(olderThanDays) && olderThanDays >= MIN_RETENTION_DAYS
      assertArgument(isAllowed, 'olderThanDays', olderThanDays, `a number from ${MIN_RETENTION_DAYS}`)
      const oldestKeptAt = clock.now() - olderThanDays * DAY_MS
      return inTurn(() => {
        const kept = records.findIndex(({ timestamp }) => Date.parse(timestamp) >= oldestKeptAt)
        return records.splice(0, kept === -1 ? records.length : kept).length
      })
    },
  }
}

function isInstant(timestamp: unknown): boolean {
  return typeof timestamp === 'string' && INSTANT.test(timestamp) && !Number.isNaN(Date.parse(timestamp))
}
