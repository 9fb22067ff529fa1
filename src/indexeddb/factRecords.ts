import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import { tryRead } from '../../slices/rules/errors.js'
import { fingerprint } from '../../slices/rules/fingerprint.js'
import type { FactRecord } from './stores.js'

/**
 * A fact as text: it is what it was when it was appended, whatever becomes of the object.
 *
 * @param version - Which of its stream's facts it is, from 1.
 */
export function encodeFact(fact: Fact, version: number): FactRecord {
  const { seq, stream } = fact.meta
  const text = JSON.stringify(fact)
  return { seq, stream, version, fact: text, checksum: checksum([version, text]) }
}

/** @throws {LogCorruptError} It is not what was written. */
export function decodeFact({ seq, stream, version, fact: text, checksum: kept }: FactRecord): Fact {
  if (checksum([version, text]) !== kept) {
    throw new LogCorruptError({ seq }, 'its checksum is not that of what is there')
  }
  const fact = JSON.parse(text) as Fact
  if (fact.meta.seq !== seq || fact.meta.stream !== stream) {
    throw new LogCorruptError({ seq }, 'it is kept in the place of another')
  }
  return fact
}

/** Of values in their order. */
export function checksum(values: readonly unknown[]): string {
  return tryRead(() => fingerprint(values)) ?? 'none'
}
