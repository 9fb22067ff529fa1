import * as v from 'valibot'
import type { Fact } from '../../slices/fact.js'
import { canonicalJson, type Json } from '../../slices/rules/json.js'
import { utf8 } from '../audit/bytes.js'
import { HASH } from '../audit/record.js'
import { parse, positiveCount, wordsOf } from '../config/schema.js'
import { sha256 } from './sha256.js'

/** The last fact of a log with a hash chain, in as little as it takes to recognise it. */
export interface LogHead {
  readonly seq: number
  readonly hash: string
}

/**
 * The SHA-256 of the hash of the fact before it and then of the fact as canonical JSON, without its own hash and signature. In
 * lower-case hex.
 *
 * @param previous - `GENESIS_HASH` for the first.
 * @throws {InvalidArgumentError} It is more than 200 levels deep.
 */
export function hashFact(previous: string, fact: Fact): string {
  const { hash: _hash, signature: _signature, ...meta } = fact.meta
  return sha256(utf8(`${previous}${canonicalJson({ ...fact, meta } as unknown as Json)}`))
}

export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value)
}

const hashWords = 'a SHA-256 in lower-case hex'

const entries = { seq: positiveCount, hash: v.pipe(v.string(hashWords), v.regex(HASH, hashWords)) }

const schema = v.looseObject(entries, wordsOf(entries, 'a seq and a hash'))

/** @throws {InvalidArgumentError} Names the field: `head.hash`. */
export function parseLogHead(head: LogHead): LogHead {
  const { seq, hash } = parse(schema, head, 'head')
  return { seq, hash }
}
