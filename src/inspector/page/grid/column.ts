import type { ReactNode } from 'react'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  /** As of a track of a CSS grid. */
  readonly width: string
  readonly isNumber?: boolean
  readonly sortBy: (row: Row) => string | number
  readonly cell: (row: Row) => ReactNode
}

export interface Order {
  readonly column: string
  readonly direction: 'ascending' | 'descending'
}

/** The rows by a column. Rows that are alike there stay as they were. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | null,
): readonly Row[] {
  const column = columns.find(({ id }) => id === order?.column)
  if (!column || !order) return rows
  const sign = order.direction === 'ascending' ? 1 : -1
  const keyed = rows.map((row) => ({ row, key: column.sortBy(row) }))
  return keyed.sort((a, b) => sign * compare(a.key, b.key)).map(({ row }) => row)
}

/** Numbers begin with the highest, names with the first; then the other way round; then as they came. */
export function nextOrder(order: Order | null, { id, isNumber = false }: Column<never>): Order | null {
  const [first, second] = isNumber ? (['descending', 'ascending'] as const) : (['ascending', 'descending'] as const)
  if (order?.column !== id) return { column: id, direction: first }
  return order.direction === first ? { column: id, direction: second } : null
}

const collator = new Intl.Collator('en', { numeric: true })

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}
