import { isPlainObject } from '../../slices/rules/json.js'

/** A place where two values differ. A side that has nothing there is left out. */
export interface Difference {
  /** `payload.usage.outputTokens` */
  readonly path: string
  readonly a?: unknown
  readonly b?: unknown
}

/** The same, with the way to the place as a list: keys of records and positions in arrays. */
export interface DifferenceAt extends Omit<Difference, 'path'> {
  readonly path: Path
}

type Path = readonly (string | number)[]

/** Where two JSON values differ: the innermost places, in the order of their keys. */
export function* differences(a: unknown, b: unknown): Generator<Difference, void, undefined> {
  for (const { path, ...sides } of differencesAt(a, b)) yield { path: pathText(path), ...sides }
}

/** As {@link differences}. */
export function* differencesAt(a: unknown, b: unknown, path: Path = []): Generator<DifferenceAt, void, undefined> {
  if (Object.is(a, b)) return
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
    yield { path, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }
    return
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    // Most parts of two states are the same object.
    if (!Object.is(a[key], b[key]))
      yield* differencesAt(a[key], b[key], [...path, Array.isArray(a) ? Number(key) : key])
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

function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
