import * as v from 'valibot'
import { count, parse } from '../config/schema.js'
import { HASH, type AuditHead } from './record.js'

const hashWords = 'a SHA-256 in lower-case hex'

const headSchema = v.object(
  { sequence: count, recordHash: v.pipe(v.string(hashWords), v.regex(HASH, hashWords)) },
  'a sequence and a record hash',
)

/** @throws {InvalidArgumentError} Names the field: `head.recordHash`. */
export function assertHead(head: AuditHead): void {
  parse(headSchema, head, 'head')
}
