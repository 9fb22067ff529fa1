import { crc32 } from 'node:zlib'

const OPENING = ',"crc":"'
const CLOSING = '"}'
const CHECKSUM = /^,"crc":"[0-9a-f]{8}"\}$/
const CHECKSUM_BYTES = OPENING.length + 8 + CLOSING.length

/** A line: a JSON object with one more member at its end, the CRC-32 of all text before that member. */
export function seal(object: object): string {
  const body = JSON.stringify(object).slice(0, -1)
  return `${body}${OPENING}${hex(crc32(body))}${CLOSING}\n`
}

/** The JSON of a line without its line end and without the checksum. `undefined`: it is not what was written. */
export function unseal(line: Buffer): string | undefined {
  if (!endsInChecksum(line)) return undefined
  const body = line.subarray(0, -CHECKSUM_BYTES)
  return hex(crc32(body)) === checksumOf(line) ? `${body.toString('utf8')}}` : undefined
}

export function endsInChecksum(line: Buffer): boolean {
  return CHECKSUM.test(line.toString('latin1', Math.max(0, line.length - CHECKSUM_BYTES)))
}

/** Of a line that is known to have one. */
export function checksumOf(line: Buffer): string {
  return line.toString('latin1', line.length - CLOSING.length - 8, line.length - CLOSING.length)
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0')
}
