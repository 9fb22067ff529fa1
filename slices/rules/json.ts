/** What survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

// An interface may refer to itself; a Record may not.
export interface JsonObject {
  readonly [key: string]: Json
}

/**
 * The path of the first thing in `value` that JSON would lose or change, or `undefined` when there is none.
 * A function, `undefined`, `NaN`, a `Date`, a class instance and a cycle are all lost or changed.
 */
export function findNonJson(value: unknown): string | undefined {
  return findIn(value, new Set())?.replace(/^\./, '')
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** JSON with the keys of every object sorted by code unit: equal values give equal texts. */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`)
  return `{${entries.join(',')}}`
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function findIn(value: unknown, ancestors: Set<unknown>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : ''
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) return ''
  if (ancestors.has(value) || Object.getOwnPropertySymbols(value).length > 0) return ''
  ancestors.add(value)
  const lost = isArray ? findInArray(value, ancestors) : findInObject(value, ancestors)
  ancestors.delete(value)
  return lost
}

function findInArray(items: readonly unknown[], ancestors: Set<unknown>): string | undefined {
  for (let index = 0; index < items.length; index += 1) {
    const lost = findIn(items[index], ancestors)
    if (lost !== undefined) return `[${index}]${lost}`
  }
  return undefined
}

function findInObject(object: Record<string, unknown>, ancestors: Set<unknown>): string | undefined {
  for (const [key, item] of Object.entries(object)) {
    const lost = findIn(item, ancestors)
    if (lost !== undefined) return `.${key}${lost}`
  }
  return undefined
}
