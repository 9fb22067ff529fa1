import type { JsonObject } from '../../src/index.js'

/** A vector file: inputs, and what the reference was seen to do with them. */
export interface VectorFile {
  readonly primitive: string
  readonly cases: readonly VectorCase[]
  readonly [extra: string]: unknown
}

export interface VectorCase {
  readonly name: string
  readonly input: JsonObject
  readonly expected: JsonObject
  readonly tags?: readonly string[]
}

/** Runs one case through the public API. Throws when what happened is not what is expected. */
export type Driver = (input: never, expected: never, file: VectorFile) => void | Promise<void>

/** A case needs a feature that does not exist yet. */
export class Pending extends Error {
  constructor(readonly feature: string) {
    super(`needs ${feature}`)
  }
}

export class Mismatch extends Error {}

/** Numbers within the tolerance, texts without case, everything else exactly. A key that is missing on the left may hold nothing on the right. */
export function expectEqual(expected: unknown, actual: unknown, path: string, tolerance = 1e-9): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    if (Math.abs(expected - actual) <= Math.max(1e-12, tolerance * Math.abs(expected))) return
  } else if (typeof expected === 'string' && typeof actual === 'string') {
    if (expected.toLowerCase() === actual.toLowerCase()) return
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length === actual.length) {
      expected.forEach((item, index) => expectEqual(item, actual[index], `${path}[${index}]`, tolerance))
      return
    }
  } else if (isRecord(expected) && isRecord(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      expectEqual(expected[key], actual[key], `${path}.${key}`, tolerance)
    }
    return
  } else if (expected === actual || (isNothing(expected) && isNothing(actual))) {
    return
  }
  throw new Mismatch(`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.values(value).every(isNothing)
}
