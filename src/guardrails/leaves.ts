type Leaf = string | number | bigint | boolean | null

/**
 * Every string and other scalar inside `value`, each as it is and in the order of reading: keys before their values. Looks
 * into arrays, objects, maps, sets and errors. Nothing is consumed, so what streams and iterators would give stays unseen, and
 * so do the bytes of buffers.
 *
 * An object, or an equal string, that comes again is passed over: cycles end, and a text that is shared a thousand times is
 * looked at once. Nested values wait in a list instead of on the stack, so that depth has no limit.
 */
export function* leavesOf(value: unknown): Generator<Leaf, void> {
  const seen = new Set<unknown>()
  const pending = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (seen.has(next)) continue
    seen.add(next)
    if (isLeaf(next)) yield next
    else if (typeof next === 'object') pushAll(pending, childrenOf(next))
  }
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

function childrenOf(object: object): readonly unknown[] {
  if (ArrayBuffer.isView(object)) return []
  // Not by index: a sparse array may claim four billion.
  if (Array.isArray(object)) return Object.values(object)
  if (object instanceof Set) return [...(object as Set<unknown>), ...propertiesOf(object)]
  if (object instanceof Map) return [...(object as Map<unknown, unknown>), ...propertiesOf(object)]
  if (object instanceof Error) return [...hiddenParts(object), ...propertiesOf(object)]
  return propertiesOf(object)
}

function propertiesOf(object: object): readonly unknown[] {
  return Object.entries(object).flat(1)
}

/** What an error holds where `Object.entries` does not see it. */
function hiddenParts(error: Error): readonly unknown[] {
  return [error.message, error.cause, (error as Partial<AggregateError>).errors]
}

/** In reverse: the last one pushed is the first one out. */
function pushAll(pending: unknown[], children: readonly unknown[]): void {
  for (let index = children.length - 1; index >= 0; index -= 1) pending.push(children[index])
}
