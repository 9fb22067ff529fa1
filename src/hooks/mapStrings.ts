import { isPlainObject } from '../../slices/rules/json.js'

type Container = unknown[] | Record<string, unknown> | Map<unknown, unknown> | Set<unknown>

/**
 * `value` with every string inside it, keys aside, replaced by what `map` makes of it. Looks into arrays, plain objects, maps
 * and sets; instances of other classes stay as they are, and so does everything in which nothing changed.
 *
 * A value may refer to itself, and then its copy refers to the copy. Nothing waits on the stack, so that depth has no limit.
 */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (!isContainer(value)) return value
  const texts = new Map<string, string>()
  const mapText = (text: string): string => {
    const mapped = texts.get(text) ?? map(text)
    texts.set(text, mapped)
    return mapped
  }
  const copies = new Map<unknown, Container>()
  for (const changed of findChanging(value, mapText)) copies.set(changed, emptyCopy(changed))
  const mapItem = (item: unknown): unknown => (typeof item === 'string' ? mapText(item) : (copies.get(item) ?? item))
  for (const [original, copy] of copies) fill(copy, original as Container, mapItem)
  return mapItem(value)
}

/** The containers that hold a string which changes, at whatever depth. */
function findChanging(root: Container, map: (text: string) => string): ReadonlySet<Container> {
  const holders = new Map<Container, Container[]>([[root, []]])
  const direct = new Set<Container>()
  // A map hands out what is added while it is gone through.
  for (const holder of holders.keys()) {
    for (const item of itemsOf(holder)) {
      if (typeof item === 'string' && map(item) !== item) direct.add(holder)
      if (!isContainer(item)) continue
      const known = holders.get(item)
      if (known) known.push(holder)
      else holders.set(item, [holder])
    }
  }
  const changing = new Set(direct)
  for (const container of changing) for (const holder of holders.get(container) ?? []) changing.add(holder)
  return changing
}

function isContainer(value: unknown): value is Container {
  if (Array.isArray(value) || isPlainObject(value)) return true
  return isInstance(value, Map) || isInstance(value, Set)
}

/** Of this very class: what a derived one keeps besides cannot be copied. */
function isInstance(value: unknown, type: typeof Map | typeof Set): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === type.prototype
}

function itemsOf(container: Container): Iterable<unknown> {
  return container instanceof Map || container instanceof Set ? container.values() : Object.values(container)
}

function emptyCopy(container: Container): Container {
  if (container instanceof Map) return new Map()
  if (container instanceof Set) return new Set()
  if (Array.isArray(container)) return container.slice()
  const copy = { ...container }
  return Object.getPrototypeOf(container) === null ? (Object.setPrototypeOf(copy, null) as typeof copy) : copy
}

function fill(copy: Container, original: Container, map: (item: unknown) => unknown): void {
  if (original instanceof Map) for (const [key, item] of original) (copy as Map<unknown, unknown>).set(key, map(item))
  else if (original instanceof Set) for (const item of original) (copy as Set<unknown>).add(map(item))
  else for (const [key, item] of Object.entries(original)) (copy as Record<string, unknown>)[key] = map(item)
}
