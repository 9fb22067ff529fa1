import * as v from 'valibot'
import { count, parse, wordsOf } from '../config/schema.js'
import { HASH, type AuditHead } from './record.js'

const hashWords = 'a SHA-256 in lower-case hex'

const entries = { sequence: count, recordHash: v.pipe(v.string(hashWords), v.regex(HASH, hashWords)) }

const headSchema = v.looseObject(entries, wordsOf(entries, 'a sequence and a record hash'))

/**
 * A head of its own. A whole record will do for one.
 *
 * @throws {InvalidArgumentError} Names the field: `head.recordHash`.
 */
export function parseHead(head: AuditHead): AuditHead {
  const { sequence, recordHash } = parse(headSchema, head, 'head')
  return Object.freeze({ sequence, recordHash })
}
