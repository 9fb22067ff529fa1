import { assertArgument, InvalidArgumentError, tryRead } from '../../slices/rules/errors.js'

/** An object from outside, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>

/** What is under this name, or `undefined` when reading it throws: SDKs have getters that do. */
export function field(object: Fields | undefined, name: string): unknown {
  return object && tryRead(() => object[name])
}

export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether one of the fields holds something. SDKs leave a field out, or write `null`. */
export function hasAny(object: Fields, names: readonly string[]): boolean {
  return names.some((name) => isThere(field(object, name)))
}

export function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

/**
 * A count of tokens, 0 where there is none.
 *
 * @param path - Where the object is in the usage, for the error: `prompt_tokens_details.`.
 * @throws {InvalidArgumentError} It is not a non-negative integer. Names it as the provider does: `usage.prompt_tokens`.
 */
export function count(object: Fields | undefined, name: string, path = ''): number {
  const value = field(object, name)
  if (!isThere(value)) return 0
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new InvalidArgumentError(`usage.${path}${name}`, value, 'a non-negative integer')
}

/** What remains of a total that counts cached tokens too. */
export function uncached(total: number, cached: number, name: string): number {
  assertArgument(total >= cached, `usage.${name}`, total, 'at least its cached tokens together')
  return total - cached
}

/** The lifetime of what was written to a cache, when all of it has the same. */
export function soleTtl(writtenByTtl: Readonly<Record<string, number>>): string | null {
  const [sole, ...others] = Object.keys(writtenByTtl).filter((ttl) => (writtenByTtl[ttl] ?? 0) > 0)
  return sole !== undefined && others.length === 0 ? sole : null
}
