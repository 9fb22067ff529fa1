import { InvalidArgumentError } from './errors.js'

/** What survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

// An interface may refer to itself; a Record may not.
export interface JsonObject {
  readonly [key: string]: Json
}

/** How many arrays and objects may be inside of each other. Whoever reads them recursively has the stack for so many. */
export const MAX_JSON_DEPTH = 100

/** Twice as many: what was found to be JSON is made canonical as a part of something larger. */
const MAX_CANONICAL_DEPTH = 2 * MAX_JSON_DEPTH

/**
 * The path of the first thing in `value` that JSON would lose or change, or `undefined` when there is none.
 * A function, `undefined`, `NaN`, a `Date`, a class instance and a cycle are all lost or changed, and an array or an object
 * that is inside of {@link MAX_JSON_DEPTH} others counts as lost.
 */
export function findNonJson(value: unknown): string | undefined {
  return findIn(value, new Set())?.replace(/^\./, '')
}

/** Whether arrays and objects are inside of each other more than {@link MAX_JSON_DEPTH} deep. In a cycle they are. */
export function isTooDeep(value: unknown, levels = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isTooDeep(item, levels - 1))
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * JSON with the keys of every object sorted by code unit: equal values give equal texts.
 *
 * @throws {InvalidArgumentError} Arrays and objects are inside of each other more than 200 deep. Names the first that is.
 */
export function canonicalJson(value: Json): string {
  return write(value, [])
}

function write(value: Json, path: (string | number)[]): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (path.length >= MAX_CANONICAL_DEPTH) {
    throw new InvalidArgumentError(nameOf(path), value, `at most ${MAX_CANONICAL_DEPTH} levels deep`)
  }
  if (isJsonArray(value)) return `[${value.map((item, index) => writeAt(index, item, path)).join(',')}]`
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${writeAt(key, value[key] as Json, path)}`)
  return `{${entries.join(',')}}`
}

function writeAt(key: string | number, value: Json, path: (string | number)[]): string {
  path.push(key)
  const text = write(value, path)
  path.pop()
  return text
}

function nameOf(path: readonly (string | number)[]): string {
  const steps = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
  return steps.join('').replace(/^\./, '')
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function findIn(value: unknown, ancestors: Set<unknown>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : ''
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) return ''
  if (ancestors.size >= MAX_JSON_DEPTH || ancestors.has(value)) return ''
  if (Object.getOwnPropertySymbols(value).length > 0) return ''
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

/** Whether two values are the same JSON. What both share is not looked into. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key as keyof typeof a], b[key as keyof typeof b]))
  )
}
