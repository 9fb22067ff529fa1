import { crc32 } from 'node:zlib'

const CHECKSUM = /^,"crc":"[0-9a-f]{8}"\}$/
const CHECKSUM_BYTES = ',"crc":"00000000"}'.length

/** A line: a JSON object with one more member at its end, the CRC-32 of all text before that member. */
export function seal(object: object): string {
  const body = JSON.stringify(object).slice(0, -1)
  return `${body}${checksumMember(body)}\n`
}

/** A line without its line end and its checksum: the object, less the brace that closes it. `undefined`: it was not written so. */
export function unseal(line: Buffer): Buffer | undefined {
  const body = line.subarray(0, Math.max(0, line.length - CHECKSUM_BYTES))
  return line.toString('latin1', body.length) === checksumMember(body) ? body : undefined
}

/** What was sealed. `undefined`: the line is not what was written. */
export function unsealJson(line: Buffer): unknown {
  const body = unseal(line)
  return body && parseJson(`${body.toString('utf8')}}`)
}

export function endsInChecksum(line: Buffer): boolean {
  return CHECKSUM.test(line.toString('latin1', Math.max(0, line.length - CHECKSUM_BYTES)))
}

/** Of a line that has one. */
export function checksumOf(line: Buffer): string {
  return line.toString('latin1', line.length - '00000000"}'.length, line.length - '"}'.length)
}

function checksumMember(body: string | Buffer): string {
  return `,"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`
}

/** `undefined`: it is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
