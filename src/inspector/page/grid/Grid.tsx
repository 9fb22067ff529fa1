import { useCallback, useId, useMemo, useState } from 'react'
import { useRowKeys } from '../parts/useRowKeys.js'
import { VirtualRows } from '../parts/VirtualRows.js'
import { nextOrder, sorted, type Column, type Order } from './column.js'
import { GridHead } from './GridHead.js'
import { GridRow } from './GridRow.js'

const ROW_HEIGHT = 28
const PAGE = 10

interface Props<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly selectedKey: string | null
  readonly onSelect: (row: Row) => void
  /** By Enter, and by a double click. */
  readonly onOpen?: (row: Row) => void
  /** What is said instead of rows. */
  readonly empty: string
}

/** A table that is sorted by its heads and walked through by keys. Only the rows in sight are in the page. */
export function Grid<Row>({ label, columns, rows, keyOf, selectedKey, onSelect, onOpen, empty }: Props<Row>) {
  const id = useId()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const [order, setOrder] = useState<Order | null>(null)
  const shown = useMemo(() => sorted(rows, columns, order), [rows, columns, order])
  const selected = useMemo(() => shown.findIndex((row) => keyOf(row) === selectedKey), [shown, keyOf, selectedKey])
  const template = columns.map(({ width }) => width).join(' ')

  const at = (act: ((row: Row) => void) | undefined) => (index: number) => {
    const row = shown[index]
    if (row !== undefined) act?.(row)
  }
  const onKeyDown = useRowKeys({
    count: shown.length,
    selected,
    page: PAGE,
    onSelect: at(onSelect),
    onOpen: at(onOpen),
  })
  const toggleOrder = useCallback((column: Column<Row>) => setOrder((before) => nextOrder(before, column)), [])

  return (
    <div
      className="grid fill"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selected < 0 ? undefined : `${id}-${selected}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <GridHead columns={columns} template={template} order={order} onToggle={toggleOrder} />
      <div ref={setScroller} className="grid-body scroll" role="rowgroup" tabIndex={-1}>
        {shown.length === 0 ? <p className="empty">{empty}</p> : null}
        <VirtualRows scroller={scroller} count={shown.length} rowHeight={ROW_HEIGHT} selected={selected}>
          {(index, place) => {
            const row = shown[index]
            return row === undefined ? null : (
              <GridRow
                key={keyOf(row)}
                id={`${id}-${index}`}
                index={index}
                row={row}
                columns={columns}
                style={{ ...place, gridTemplateColumns: template }}
                isSelected={index === selected}
                onSelect={onSelect}
                onOpen={onOpen}
              />
            )
          }}
        </VirtualRows>
      </div>
    </div>
  )
}
