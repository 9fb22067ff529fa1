import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import { tryRead } from '../../slices/rules/errors.js'
import type { Line } from './lines.js'
import { seal, unseal } from './seal.js'

/** `{"type":…,"payload":…,"meta":{"seq":…,"at":…,"stream":…,"v":…},"crc":"…"}` */
export function encodeFact({ type, payload, meta: { seq, at, stream, v } }: Fact): string {
  return seal({ type, payload, meta: { seq, at, stream, v } })
}

/**
 * The fact in a line that has ended.
 *
 * @param seq - Which it must be.
 * @throws {LogCorruptError} It is another, or none.
 */
export function decodeFact({ bytes, offset }: Line, seq: number): Fact {
  const json = unseal(bytes)
  if (json === undefined) throw damagedAt(offset, seq, 'its checksum does not fit')
  const fact = tryRead(() => JSON.parse(json) as Partial<Fact>)
  if (typeof fact?.type !== 'string' || typeof fact.meta?.stream !== 'string') {
    throw damagedAt(offset, seq, 'it is not a fact')
  }
  if (fact.meta.seq !== seq) throw damagedAt(offset, seq, `fact ${seq} should be there`)
  return fact as Fact
}

/** The first line is the header, and facts are numbered from 1 without gaps: the line follows from the number. */
export function damagedAt(offset: number, seq: number, reason: string): LogCorruptError {
  return new LogCorruptError({ seq, line: seq + 1, offset }, reason)
}
