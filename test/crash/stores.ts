const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** Why there is no SQLite here. `undefined`: there is. */
export function lacksSqlite(): string | undefined {
  if (major > 22 || (major === 22 && minor >= 14)) return undefined
  return `node:sqlite needs Node 22.14, this is ${process.versions.node}`
}
