/**
 * Remembers what was read of each object, as long as that lives. A pure function stays one: it is only asked once for the same
 * object with the same rest.
 */
export function memo<Key extends object, Rest extends readonly unknown[], Value>(
  read: (key: Key, ...rest: Rest) => Value,
): (key: Key, ...rest: Rest) => Value {
  const known = new WeakMap<Key, { readonly rest: Rest; readonly value: Value }>()
  return (key, ...rest) => {
    const before = known.get(key)
    if (before?.rest.every((item, index) => Object.is(item, rest[index]))) return before.value
    const value = read(key, ...rest)
    known.set(key, { rest, value })
    return value
  }
}
