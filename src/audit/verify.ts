import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { findNonJson, isPlainObject } from '../../slices/rules/json.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import { parseHead } from './head.js'
import { GENESIS_HASH, HASH, hashRecord, type AuditHead, type AuditRecord } from './record.js'
import { createSigner, type Signer, type SigningKey } from './signer.js'

export interface VerifyOptions {
  /** Every record must be signed with it. `undefined`: signatures are not looked at. */
  readonly signingKey?: SigningKey | undefined
  /** The records must begin with the first of their chain. Default false: records may have been purged. */
  readonly requireGenesis?: boolean | undefined
  /** The records must lead to the head that was kept, or from it on. Default: records that are missing from the end go unnoticed. */
  readonly head?: AuditHead | null | undefined
}

/**
 * What is wrong with a record. In the order in which it is looked at:
 *
 * - `malformed`: it is not a record.
 * - `link`: it does not hold the hash of the record before it, or is the first and not that of a chain.
 * - `sequence`: its number is not the next.
 * - `hash`: its content is not what was hashed.
 * - `signature`: it is not signed, or not with this key.
 * - `head`: another record than the kept head is in its place, or what would show that the head was there is missing.
 * - `truncated`: the records end before the kept head.
 */
export type AuditProblem = 'malformed' | 'link' | 'sequence' | 'hash' | 'signature' | 'head' | 'truncated'

export interface AuditVerification {
  readonly valid: boolean
  /** How many records were read. Reading ends with the first bad one. */
  readonly totalRecords: number
  /** The sequence of the first bad record, or of the first that is missing. `null` when valid. */
  readonly firstBadSequence: number | null
  readonly problem?: AuditProblem
}

const optionsSchema = strictOptions({
  signingKey: v.optional(v.unknown()),
  requireGenesis: v.optional(flag),
  head: v.optional(v.unknown()),
})

/** What is known of the records when the next one is read. */
interface Expectation {
  readonly previous: AuditRecord | undefined
  readonly signer: Signer | undefined
  readonly requireGenesis: boolean
  readonly head: AuditHead | undefined
}

/**
 * Checks that records are those of one chain, unchanged and in order.
 *
 * Without a signing key or a head that was kept elsewhere, anybody can make a chain that is valid.
 *
 * @param records - As `createAuditChain` made them, from wherever they were kept.
 * @throws {InvalidArgumentError} Names the option, or `records` when they are no list of anything. What is wrong with one of them
 * is never thrown.
 */
export async function verifyAuditChain(
  records: Iterable<AuditRecord> | AsyncIterable<AuditRecord>,
  options: VerifyOptions = {},
): Promise<AuditVerification> {
  assertArgument(isIterable(records), 'records', records, 'an iterable of records')
  parse(optionsSchema, options)
  const { signingKey, requireGenesis = false, head: keptHead } = options
  const signer = signingKey === undefined ? undefined : createSigner(signingKey)
  const head = keptHead === undefined || keptHead === null ? undefined : parseHead(keptHead)
  let previous: AuditRecord | undefined
  let totalRecords = 0
  for await (const record of records) {
    totalRecords += 1
    const problem = await problemOf(record, { previous, signer, requireGenesis, head })
    if (problem) return { valid: false, totalRecords, firstBadSequence: sequenceOf(record, previous), problem }
    previous = record
  }
  if (head && (!previous || previous.sequence < head.sequence)) {
    const firstBadSequence = previous ? previous.sequence + 1 : head.sequence
    return { valid: false, totalRecords, firstBadSequence, problem: 'truncated' }
  }
  return { valid: true, totalRecords, firstBadSequence: null }
}

async function problemOf(record: AuditRecord, expected: Expectation): Promise<AuditProblem | undefined> {
  const { previous, signer, requireGenesis, head } = expected
  if (!isRecord(record)) return 'malformed'
  if (previous ? record.prevHash !== previous.recordHash : !mayBeFirst(record, requireGenesis)) return 'link'
  if (previous && record.sequence !== previous.sequence + 1) return 'sequence'
  if ((await hashRecord(record)) !== record.recordHash) return 'hash'
  if (signer && !(await isSigned(record, signer))) return 'signature'
  return head && !agrees(record, head, previous === undefined) ? 'head' : undefined
}

/** Numbered 0 and linked to nothing, or, after a purge, neither. */
function mayBeFirst({ sequence, prevHash }: AuditRecord, requireGenesis: boolean): boolean {
  return sequence === 0 ? prevHash === GENESIS_HASH : prevHash !== GENESIS_HASH && !requireGenesis
}

async function isSigned({ recordHash, signature }: AuditRecord, signer: Signer): Promise<boolean> {
  return signature ? signer.verify(recordHash, signature) : false
}

/** What comes after the head is linked to it through all records between, or, after a purge, directly. */
function agrees({ sequence, recordHash, prevHash }: AuditRecord, head: AuditHead, isFirst: boolean): boolean {
  if (sequence === head.sequence) return recordHash === head.recordHash
  if (!isFirst || sequence < head.sequence) return true
  return sequence === head.sequence + 1 && prevHash === head.recordHash
}

function isIterable(records: unknown): boolean {
  return (
    Object(records) === records &&
    (Symbol.iterator in (records as object) || Symbol.asyncIterator in (records as object))
  )
}

/** Records come from wherever they were kept. */
function isRecord(value: unknown): value is AuditRecord {
  if (!isPlainObject(value)) return false
  const { sequence, timestamp, eventType, payload, prevHash, recordHash, signature } = value
  return (
    Number.isSafeInteger(sequence) &&
    (sequence as number) >= 0 &&
    typeof timestamp === 'string' &&
    typeof eventType === 'string' &&
    isPlainObject(payload) &&
    findNonJson(payload) === undefined &&
    [prevHash, recordHash, signature ?? recordHash].every((hash) => typeof hash === 'string' && HASH.test(hash))
  )
}

/** That of the record where it has one, else the one it should have. */
function sequenceOf(record: AuditRecord, previous: AuditRecord | undefined): number {
  const { sequence } = (isPlainObject(record) ? record : {}) as { readonly sequence?: unknown }
  if (Number.isSafeInteger(sequence)) return sequence as number
  return previous ? previous.sequence + 1 : 0
}
