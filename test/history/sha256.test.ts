import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/audit/bytes.js'
import { createSigner } from '../../src/audit/signer.js'
import { hmacSha256, sha256 } from '../../src/history/sha256.js'

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Uint8Array.from(array))

describe('SHA-256 that answers at once', () => {
  it('gives what WebCrypto gives, for every length around a block', async () => {
    for (let length = 0; length <= 200; length += 1) {
      const message = new Uint8Array(length).fill(length)
      expect(sha256(message)).toBe(toHex(await crypto.subtle.digest('SHA-256', message)))
    }
  })

  it('gives what WebCrypto gives, for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        expect(sha256(message)).toBe(toHex(await crypto.subtle.digest('SHA-256', message)))
      }),
    )
  })

  it('signs as WebCrypto does, with keys of any length', async () => {
    const text = fc.string({ minLength: 1, maxLength: 200 }).filter((key) => key.trim() !== '')
    await fc.assert(
      fc.asyncProperty(text, fc.string(), async (key, message) => {
        const encoder = new TextEncoder()
        const signed = hmacSha256(encoder.encode(key))(encoder.encode(message))
        expect(signed).toBe(await createSigner(key).sign(message))
      }),
    )
  })
})
