import { isPlainObject } from '../../slices/rules/json.js'

/** A place where two values differ. A side that has nothing there is left out. */
export interface Difference {
  /** `payload.usage.outputTokens` */
  readonly path: string
  readonly a?: unknown
  readonly b?: unknown
}

/** Where two JSON values differ: the innermost places, in the order of their keys. */
export function* differences(a: unknown, b: unknown, path = ''): Generator<Difference, void, undefined> {
  if (Object.is(a, b)) return
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
    yield { path, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }
    return
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    yield* differences(a[key], b[key], step(path, key, Array.isArray(a)))
  }
}

/** The first of them. `undefined`: the values are equal. */
export function firstDifference(a: unknown, b: unknown): Difference | undefined {
  for (const difference of differences(a, b)) return difference
  return undefined
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isPlainObject(value)
}

function step(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}
