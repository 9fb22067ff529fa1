/**
 * An object that does some things otherwise. Everything else is that of `target`, its private fields included.
 */
export function override<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get(_target, key) {
      if (Object.hasOwn(members, key)) return members[key as keyof Target]
      const value: unknown = Reflect.get(target, key, target)
      // Called on the proxy, a method would not find its private fields.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
