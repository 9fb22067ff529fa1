import { useDeferredValue, useId, useMemo, useState } from 'react'
import { VirtualRows } from '../parts/VirtualRows.js'
import { JsonTreeRow } from './JsonTreeRow.js'
import { treeRows } from './treeRows.js'
import { useTreeKeys } from './useTreeKeys.js'

const ROW_HEIGHT = 22

interface Props {
  readonly label: string
  readonly value: object
  /** Paths of the branches that are open. */
  readonly open: ReadonlySet<string>
  readonly onToggle: (path: string, open: boolean) => void
  /** Paths of what is marked, and of what it is in. */
  readonly marked?: ReadonlySet<string>
}

/** JSON to be walked through by arrow keys. Only the lines in sight are in the page, so that it may be large. */
export function JsonTree({ label, value, open, onToggle, marked }: Props) {
  const id = useId()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const [path, setPath] = useState<string | null>(null)
  const shown = useDeferredValue(value)
  const rows = useMemo(() => treeRows(shown, open), [shown, open])
  const index = rows.findIndex((row) => row.path === path)
  const onKeyDown = useTreeKeys({ rows, index, onMove: setPath, onToggle })

  return (
    <div
      ref={setScroller}
      className="tree scroll fill mono"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={index < 0 ? undefined : `${id}-${index}`}
      onKeyDown={onKeyDown}
    >
      <VirtualRows scroller={scroller} count={rows.length} rowHeight={ROW_HEIGHT} selected={index}>
        {(at, place) => {
          const row = rows[at]
          return row ? (
            <JsonTreeRow
              key={row.path}
              id={`${id}-${at}`}
              row={row}
              place={place}
              isSelected={at === index}
              isMarked={marked?.has(row.path) ?? false}
              onSelect={setPath}
              onToggle={onToggle}
            />
          ) : null
        }}
      </VirtualRows>
    </div>
  )
}
