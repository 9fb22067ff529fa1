/** What `record` itself holds under a key that came from outside: `constructor` and `__proto__` are names like any other. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
