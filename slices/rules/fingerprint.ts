import { canonicalJson, findNonJson, type Json } from './json.js'

/**
 * 16 hexadecimal digits that are the same for equal JSON values, whatever the order of their keys, and differ for different ones
 * in practice. Not a secret and no protection against somebody who looks for a collision.
 *
 * @returns `null` when the value is not JSON.
 */
export function fingerprint(value: unknown): string | null {
  if (findNonJson(value) !== undefined) return null
  const text = canonicalJson(value as Json)
  return hex(fnv1a(text, 0x811c9dc5)) + hex(fnv1a(text, 0x9e3779b9))
}

/** FNV-1a over UTF-16 code units, and a final mix that spreads a difference in the last of them over all bits. */
function fnv1a(text: string, seed: number): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
