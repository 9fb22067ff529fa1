/** One line of a tree of JSON. */
export interface TreeRow {
  /** As `pathOf` gives it. */
  readonly path: string
  readonly name: string
  readonly value: unknown
  /** From 1. */
  readonly level: number
  readonly position: number
  readonly siblings: number
  readonly isBranch: boolean
  readonly isOpen: boolean
}

export function pathOf(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The path itself comes last. */
export function withParents(path: string): string[] {
  const names = path.split('/').slice(1)
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
}

/** The lines in sight when these branches are open. */
export function treeRows(root: unknown, open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = []
  addBranch(rows, root, '', 1, open)
  return rows
}

function addBranch(rows: TreeRow[], branch: unknown, parent: string, level: number, open: ReadonlySet<string>): void {
  const entries = Object.entries(branch as Readonly<Record<string, unknown>>)
  for (const [index, [name, value]] of entries.entries()) {
    const path = pathOf(parent, name)
    const isBranch = typeof value === 'object' && value !== null && Object.keys(value).length > 0
    const isOpen = isBranch && open.has(path)
    rows.push({ path, name, value, level, position: index + 1, siblings: entries.length, isBranch, isOpen })
    if (isOpen) addBranch(rows, value, path, level + 1, open)
  }
}

/** What is in a branch, or the leaf itself, on one line. */
export function preview(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value)
    return names.length === 0 ? '{}' : `{${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}}`
  }
  return JSON.stringify(value)
}
