import type { Fact, FactMeta } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import type { Line } from './lines.js'
import { parseJson, seal, unseal, unsealJson } from './seal.js'

const META = ',"meta":{"seq":'

/** A fact as it is written. */
export interface EncodedFact {
  readonly meta: FactMeta
  readonly line: string
}

/** `{"type":…,"payload":…,"meta":{"seq":…,"at":…,"stream":…,"v":…, …},"crc":"…"}`, in this order, then what else a fact's meta holds. */
export function encodeFact({ type, payload, meta }: Fact): EncodedFact {
  const { seq, ...rest } = meta
  return { meta, line: seal({ type, payload, meta: { seq, ...rest } }) }
}

/**
 * The fact in a line that has ended.
 *
 * @param seq - Which it must be.
 * @throws {LogCorruptError} It is another, or none.
 */
export function decodeFact({ bytes, offset }: Line, seq: number): Fact {
  const fact = unsealJson(bytes) as Partial<Fact> | undefined
  if (fact === undefined) throw damagedAt(offset, seq, 'its checksum does not fit')
  checkMeta(fact.meta, offset, seq)
  return fact as Fact
}

/** As {@link decodeFact}, without a look at what the fact says: for those that are only passed. */
export function decodeMeta({ bytes, offset }: Line, seq: number): FactMeta {
  const body = unseal(bytes)
  if (body === undefined) throw damagedAt(offset, seq, 'its checksum does not fit')
  // Quotes in a name are escaped, so the last of these begins the member.
  const start = body.lastIndexOf(META)
  // Or a member of the same name inside of it: then what follows is no JSON.
  const fact = parseJson(`{${body.toString('utf8', start + 1)}}`) ?? unsealJson(bytes)
  return checkMeta((fact as Partial<Fact> | undefined)?.meta, offset, seq)
}

function checkMeta(meta: FactMeta | undefined, offset: number, seq: number): FactMeta {
  if (typeof meta?.stream !== 'string') throw damagedAt(offset, seq, 'it is not a fact')
  if (meta.seq !== seq) throw damagedAt(offset, seq, `fact ${seq} should be there`)
  return meta
}

/** The first line is the header, and facts are numbered from 1 without gaps: the line follows from the number. */
export function damagedAt(offset: number, seq: number, reason: string): LogCorruptError {
  return new LogCorruptError({ seq, line: seq + 1, offset }, reason)
}
