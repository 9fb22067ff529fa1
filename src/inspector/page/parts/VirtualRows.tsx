import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, type ReactNode } from 'react'

interface Props {
  /** What scrolls. `null`: it is not in the page yet. */
  readonly scroller: HTMLElement | null
  readonly count: number
  readonly rowHeight: number
  /** Is scrolled to when it changes. -1: none is selected. */
  readonly selected: number
  readonly children: (index: number, place: RowPlace) => ReactNode
}

export interface RowPlace {
  readonly height: number
  readonly transform: string
}

/** The rows of a long list that are in sight, and a few around them. */
export function VirtualRows({ scroller, count, rowHeight, selected, children }: Props) {
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    overscan: 6,
  })

  useEffect(() => {
    if (selected >= 0 && selected < count) rows.scrollToIndex(selected, { align: 'auto' })
  }, [rows, scroller, selected, count])

  return (
    <div className="virtual" role="presentation" style={{ height: rows.getTotalSize() }}>
      {rows
        .getVirtualItems()
        .map(({ index, start, size }) => children(index, { height: size, transform: `translateY(${start}px)` }))}
    </div>
  )
}
