import { isPlainObject } from '../../../slices/rules/json.js'
import { shown } from '../expectationError.js'

/** Where a value is not as a pattern says. */
export interface Mismatch {
  readonly path: string
  readonly expected: unknown
  readonly actual: unknown
}

/**
 * The first place where a value is not as a pattern says. Objects need only have what the pattern's have; lists must be as long.
 * The matchers of test runners, such as `expect.any(Number)`, may stand anywhere.
 */
export function findMismatch(pattern: unknown, value: unknown, path = ''): Mismatch | undefined {
  const mismatch = { path, expected: pattern, actual: value }
  if (isMatcher(pattern)) return pattern.asymmetricMatch(value) ? undefined : mismatch
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value) || value.length !== pattern.length) return mismatch
    return firstOf(pattern.keys(), (index) => findMismatch(pattern[index], value[index], `${path}[${index}]`))
  }
  if (isPlainObject(pattern)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch
    const given = value as Record<string, unknown>
    return firstOf(Object.keys(pattern), (key) => findMismatch(pattern[key], given[key], path ? `${path}.${key}` : key))
  }
  return Object.is(pattern, value) ? undefined : mismatch
}

/** `payload.reason: expected "budget_exceeded", got "circuit_open"` */
export function describeMismatch({ path, expected, actual }: Mismatch): string {
  const words = `expected ${shownMatcher(expected)}, got ${actual === undefined ? 'nothing' : shown(actual)}`
  return path === '' ? words : `${path}: ${words}`
}

/** As of vitest and jest. */
interface Matcher {
  asymmetricMatch(value: unknown): boolean
}

export function isMatcher(pattern: unknown): pattern is Matcher {
  return (
    typeof pattern === 'object' &&
    pattern !== null &&
    typeof (pattern as Partial<Matcher>).asymmetricMatch === 'function'
  )
}

function shownMatcher(expected: unknown): string {
  if (expected === undefined) return 'nothing'
  if (!isMatcher(expected)) return shown(expected)
  const { toAsymmetricMatcher } = expected as { readonly toAsymmetricMatcher?: () => string }
  return toAsymmetricMatcher?.call(expected) ?? 'what a matcher says'
}

function firstOf<Key>(keys: Iterable<Key>, find: (key: Key) => Mismatch | undefined): Mismatch | undefined {
  for (const key of keys) {
    const found = find(key)
    if (found) return found
  }
  return undefined
}
