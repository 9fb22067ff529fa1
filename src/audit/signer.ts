import { assertArgument } from '../../slices/rules/errors.js'
import { fromHex, toHex, utf8 } from './bytes.js'

/** A secret: text, which stands for its UTF-8 bytes, or bytes. */
export type SigningKey = string | Uint8Array

export interface Signer {
  sign(recordHash: string): Promise<string>
  /** Takes the same time wherever the signature is wrong. */
  verify(recordHash: string, signature: string): Promise<boolean>
}

/** @throws {InvalidArgumentError} The key is blank or empty. */
export function createSigner(signingKey: SigningKey): Signer {
  // What JavaScript callers pass may be anything.
  const given: unknown = signingKey
  const isUsable = typeof given === 'string' ? given.trim() !== '' : given instanceof Uint8Array && given.length > 0
  assertArgument(isUsable, 'signingKey', signingKey, 'a non-blank string or bytes')
  const secret = typeof signingKey === 'string' ? utf8(signingKey) : Uint8Array.from(signingKey)
  let imported: Promise<CryptoKey> | undefined
  const key = () =>
    (imported ??= crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']))
  return {
    sign: async (recordHash) => toHex(await crypto.subtle.sign('HMAC', await key(), utf8(recordHash))),
    verify: async (recordHash, signature) =>
      crypto.subtle.verify('HMAC', await key(), fromHex(signature), utf8(recordHash)),
  }
}
