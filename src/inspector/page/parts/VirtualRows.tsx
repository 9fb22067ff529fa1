import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, type ReactNode, type RefObject } from 'react'

interface Props {
  /** What scrolls. */
  readonly scroller: RefObject<HTMLElement | null>
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
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  })

  useEffect(() => {
    if (selected >= 0 && selected < count) rows.scrollToIndex(selected, { align: 'auto' })
  }, [rows, selected, count])

  return (
    <div className="virtual" role="presentation" style={{ height: rows.getTotalSize() }}>
      {rows
        .getVirtualItems()
        .map(({ index, start, size }) => children(index, { height: size, transform: `translateY(${start}px)` }))}
    </div>
  )
}
