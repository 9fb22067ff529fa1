import { useId, useMemo, useState } from 'react'
import type { ComparedRow } from '../../model/index.js'
import { useRowKeys } from '../parts/useRowKeys.js'
import { VirtualRows } from '../parts/VirtualRows.js'
import { ComparedRowView } from './ComparedRowView.js'
import type { RowFacts } from './useRowFacts.js'

const ROW_HEIGHT = 26

interface Props {
  readonly rows: readonly ComparedRow[]
  /** Which of them are in the list. */
  readonly shown: readonly number[]
  readonly selected: number
  readonly firstDivergence: number | null
  readonly factsOf: (row: ComparedRow) => RowFacts
  readonly onSelect: (index: number) => void
}

export function ComparedRows({ rows, shown, selected, firstDivergence, factsOf, onSelect }: Props) {
  const id = useId()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const at = useMemo(() => shown.indexOf(selected), [shown, selected])
  const select = (position: number) => {
    const index = shown[position]
    if (index !== undefined) onSelect(index)
  }
  const onKeyDown = useRowKeys({ count: shown.length, selected: at, page: 10, onSelect: select })
  return (
    <div
      ref={setScroller}
      className="compared scroll fill"
      role="listbox"
      aria-label="Facts of both"
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <VirtualRows scroller={scroller} count={shown.length} rowHeight={ROW_HEIGHT} selected={at}>
        {(position, place) => {
          const index = shown[position] ?? 0
          const row = rows[index]
          return row ? (
            <ComparedRowView
              key={index}
              id={`${id}-${position}`}
              kind={row.kind}
              facts={factsOf(row)}
              place={place}
              position={position}
              count={shown.length}
              isSelected={position === at}
              isFirst={index === firstDivergence}
              onSelect={() => onSelect(index)}
            />
          ) : null
        }}
      </VirtualRows>
    </div>
  )
}
