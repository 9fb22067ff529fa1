/*
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104) that answer at once. WebCrypto answers later, and a log is appended to in one go; for
 * texts as short as facts it is also two to three times slower, because every call goes through a thread and a promise.
 */

const BLOCK_BYTES = 64
const LENGTH_BYTES = 8

/** The first 32 bits of the fractional parts of the square and cube roots of the first primes, as the standard defines them. */
const INITIAL = fractionsOf(8, (prime) => Math.sqrt(prime))
const ROUND = fractionsOf(64, (prime) => Math.cbrt(prime))

/** In lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return toHex(digest(bytes))
}

/** A function that signs texts with one key, in lower-case hex. */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => string {
  const secret = key.length > BLOCK_BYTES ? bytesOf(digest(key)) : key
  const pad = (mask: number) => Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (secret[index] ?? 0) ^ mask)
  const inner = pad(0x36)
  const outer = pad(0x5c)
  return (message) => toHex(digest(concat(outer, bytesOf(digest(concat(inner, message))))))
}

function digest(bytes: Uint8Array): Int32Array {
  const view = new DataView(padded(bytes).buffer)
  const hash = INITIAL.slice()
  const schedule = new Int32Array(ROUND.length)
  for (let offset = 0; offset < view.byteLength; offset += BLOCK_BYTES) {
    expand(schedule, view, offset)
    compress(hash, schedule)
  }
  return hash
}

/** The message, a bit that is set, zeros up to a whole block, and the length in bits. */
function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil((bytes.length + 1 + LENGTH_BYTES) / BLOCK_BYTES)
  const message = new Uint8Array(blocks * BLOCK_BYTES)
  message.set(bytes)
  message[bytes.length] = 0x80
  const view = new DataView(message.buffer)
  view.setUint32(message.length - LENGTH_BYTES, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(message.length - LENGTH_BYTES / 2, bytes.length * 8)
  return message
}

function expand(schedule: Int32Array, view: DataView, offset: number): void {
  for (let index = 0; index < 16; index += 1) schedule[index] = view.getInt32(offset + index * 4)
  for (let index = 16; index < schedule.length; index += 1) {
    const a = at(schedule, index - 15)
    const b = at(schedule, index - 2)
    const small = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
    const large = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
    schedule[index] = small + large + at(schedule, index - 7) + at(schedule, index - 16)
  }
}

function compress(hash: Int32Array, schedule: Int32Array): void {
  let a = at(hash, 0)
  let b = at(hash, 1)
  let c = at(hash, 2)
  let d = at(hash, 3)
  let e = at(hash, 4)
  let f = at(hash, 5)
  let g = at(hash, 6)
  let h = at(hash, 7)
  for (let index = 0; index < schedule.length; index += 1) {
    const choice = (e & f) ^ (~e & g)
    const mixed = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + mixed + choice + at(ROUND, index) + at(schedule, index)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  hash[0] = at(hash, 0) + a
  hash[1] = at(hash, 1) + b
  hash[2] = at(hash, 2) + c
  hash[3] = at(hash, 3) + d
  hash[4] = at(hash, 4) + e
  hash[5] = at(hash, 5) + f
  hash[6] = at(hash, 6) + g
  hash[7] = at(hash, 7) + h
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function at(words: Int32Array, index: number): number {
  return words[index] ?? 0
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + tail.length)
  both.set(head)
  both.set(tail, head.length)
  return both
}

function bytesOf(words: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.byteLength))
  words.forEach((word, index) => view.setInt32(index * 4, word))
  return new Uint8Array(view.buffer)
}

function toHex(words: Int32Array): string {
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function fractionsOf(count: number, root: (prime: number) => number): Int32Array {
  return Int32Array.from(firstPrimes(count), (prime) => ((root(prime) % 1) * 2 ** 32) | 0)
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}
