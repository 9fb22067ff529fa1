import { crc32 } from 'node:zlib'
import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import type { SqliteRow, SqliteValue } from './database.js'

export const FACT_COLUMNS = 'seq, stream, version, at, type, v, payload, meta, crc'

/** The values of {@link FACT_COLUMNS}. */
export type FactValues = readonly SqliteValue[]

/** @param version - Which of its stream's facts it is, from 1. */
export function encodeFact({ type, payload, meta }: Fact, version: number): FactValues {
  const { seq, at, stream, v, ...rest } = meta
  const values = [
    seq,
    encodeText(stream),
    version,
    at,
    encodeText(type),
    v,
    JSON.stringify(payload),
    JSON.stringify(rest),
  ]
  return [...values, checksum(values)]
}

/** @throws {LogCorruptError} It is not what was written. */
export function decodeFact({ seq, stream, version, at, type, v, payload, meta, crc }: SqliteRow): Fact {
  const values = [Number(seq), stream, Number(version), at, type, Number(v), payload, meta]
  if (checksum(values) !== Number(crc)) {
    throw new LogCorruptError({ seq: Number(seq) }, 'its checksum is not that of what is there')
  }
  return {
    type: decodeText(type as string),
    payload: JSON.parse(payload as string) as unknown,
    meta: {
      seq: Number(seq),
      at: at as number,
      stream: decodeText(stream as string),
      v: Number(v),
      ...(JSON.parse(meta as string) as object),
    },
  }
}

/** Texts with what SQLite cannot keep, such as a NUL or half a character, are escaped as in JSON. All others stay as they are. */
export function encodeText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function decodeText(encoded: string): string {
  return encoded.includes('\\') ? (JSON.parse(`"${encoded}"`) as string) : encoded
}

/** Of values in their order. Encoded texts have no line breaks, so that no two rows look the same. */
export function checksum(values: readonly (SqliteRow[string] | undefined)[]): number {
  return crc32(values.join('\n'))
}
