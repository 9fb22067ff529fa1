import { Icon } from '../parts/Icon.js'
import type { Column, Order } from './column.js'

interface Props<Row> {
  readonly columns: readonly Column<Row>[]
  readonly template: string
  readonly order: Order | null
  readonly onToggle: (column: Column<Row>) => void
}

export function GridHead<Row>({ columns, template, order, onToggle }: Props<Row>) {
  return (
    <div className="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
      {columns.map((column) => {
        const direction = order?.column === column.id ? order.direction : undefined
        return (
          <div
            key={column.id}
            role="columnheader"
            aria-sort={direction ?? 'none'}
            className={column.isNumber ? 'number' : ''}
          >
            <button type="button" className="sort fill" onClick={() => onToggle(column)}>
              {column.title}
              {direction ? <Icon name={direction === 'ascending' ? 'up' : 'down'} /> : null}
            </button>
          </div>
        )
      })}
    </div>
  )
}
