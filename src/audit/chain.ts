import * as v from 'valibot'
import type { Clock } from '../../sagas/clock.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { isPlainObject, type JsonObject } from '../../slices/rules/json.js'
import { frozenJson } from '../checkpoints/frozenJson.js'
import { createSystemClock } from '../clock.js'
import { functionOf, nonBlank, parse, strictOptions } from '../config/schema.js'
import { parseHead } from './head.js'
import { isInstant } from './instant.js'
import { GENESIS_HASH, hashRecord, type AuditHead, type AuditRecord } from './record.js'
import { createSigner, type SigningKey } from './signer.js'

export interface AuditChainOptions {
  /** Signs every record. Who has not the key cannot make a chain that verifies with it. `undefined`: records are not signed. */
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
   * @throws {InvalidArgumentError} `olderThanDays` is less, or no finite number.
   */
  purge(options: { readonly olderThanDays: number }): Promise<number>
}

/** Half a year: what audit logs are to be kept for at the least. */
const MIN_RETENTION_DAYS = 183
const DAY_MS = 86_400_000

const optionsSchema = strictOptions({
  signingKey: v.optional(v.unknown()),
  clock: v.optional(v.looseObject({ now: functionOf<Clock['now']>('a function') }, 'a clock')),
  head: v.optional(v.unknown()),
})

const entrySchema = strictOptions({ eventType: nonBlank, payload: v.unknown(), timestamp: v.optional(v.unknown()) })

const retentionWords = `a number from ${MIN_RETENTION_DAYS}`

const purgeSchema = strictOptions({
  olderThanDays: v.pipe(
    v.number(retentionWords),
    v.finite(retentionWords),
    v.minValue(MIN_RETENTION_DAYS, retentionWords),
  ),
})

/**
 * A chain of audit records in this process's memory. Uses WebCrypto, which browsers have in secure contexts only.
 *
 * @throws {InvalidArgumentError} Names the option.
 * @example
 * const chain = createAuditChain({ signingKey })
 * await chain.append({ eventType: 'usage.recorded', payload: { model: 'your-model', cost_usd: 0.033 } })
 * await verifyAuditChain(chain.records(), { signingKey, requireGenesis: true, head: chain.head() })
 */
export function createAuditChain(options: AuditChainOptions = {}): AuditChain {
  parse(optionsSchema, options)
  const { signingKey, clock = createSystemClock(), head: resumed } = options
  const signer = signingKey === undefined ? undefined : createSigner(signingKey)
  const records: AuditRecord[] = []
  let head = resumed === undefined ? null : parseHead(resumed)
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
    async append(given) {
      assertArgument(isPlainObject(given), 'entry', given, 'an object with an event type and a payload')
      parse(entrySchema, given)
      const { eventType, payload, timestamp = new Date(clock.now()).toISOString() } = given
      assertArgument(isInstant(timestamp), 'timestamp', timestamp, 'an RFC 3339 instant')
      // Before anything is awaited: what the caller does to the payload from now on is not part of the record.
      const entry = { timestamp, eventType, payload: frozenJson(payload, 'payload') }
      return inTurn(() => seal(entry))
    },
    records: () => [...records],
    head: () => head,
    async purge(given) {
      const { olderThanDays } = parse(purgeSchema, given)
      const oldestKeptAt = clock.now() - olderThanDays * DAY_MS
      return inTurn(() => {
        const kept = records.findIndex(({ timestamp }) => Date.parse(timestamp) >= oldestKeptAt)
        return records.splice(0, kept === -1 ? records.length : kept).length
      })
    },
  }
}
