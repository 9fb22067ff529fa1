import type { CSSProperties } from 'react'
import type { Column } from './column.js'

interface Props<Row> {
  readonly id: string
  readonly index: number
  readonly row: Row
  readonly columns: readonly Column<Row>[]
  readonly style: CSSProperties
  readonly isSelected: boolean
  readonly onSelect: (row: Row) => void
  readonly onOpen: ((row: Row) => void) | undefined
}

export function GridRow<Row>({ id, index, row, columns, style, isSelected, onSelect, onOpen }: Props<Row>) {
  return (
    <div
      id={id}
      role="row"
      className="grid-row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={style}
      onClick={() => onSelect(row)}
      onDoubleClick={() => onOpen?.(row)}
    >
      {columns.map(({ id: column, isNumber, cell }) => (
        <div key={column} role="gridcell" className={isNumber ? 'number cut' : 'cut'}>
          {cell(row)}
        </div>
      ))}
    </div>
  )
}
