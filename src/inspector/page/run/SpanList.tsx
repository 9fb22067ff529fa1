import { useId, useState } from 'react'
import type { Waterfall } from '../../model/index.js'
import { useSeq } from '../data/position.js'
import { useRowKeys } from '../parts/useRowKeys.js'
import { VirtualRows } from '../parts/VirtualRows.js'
import { usePageDispatch } from '../store/store.js'
import { moved } from '../store/view.js'
import type { Scale } from './scale.js'
import { SpanRow } from './SpanRow.js'
import { useSelectedSpan } from './useSelectedSpan.js'

const ROW_HEIGHT = 26

interface Props {
  readonly waterfall: Waterfall
  readonly scale: Scale
  /** The place of the current fact. */
  readonly now: number
}

/** The rows of the waterfall. Choosing one moves the slider to its first fact, Enter to its last. */
export function SpanList({ waterfall: { sessionId, spans }, scale, now }: Props) {
  const id = useId()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const dispatch = usePageDispatch()
  const { selected, select } = useSelectedSpan(spans, useSeq())

  const choose = (index: number) => {
    const span = spans[index]
    if (!span) return
    select(index)
    dispatch(moved(span.startSeq))
  }
  const toEnd = (index: number) => {
    const { endSeq = null } = spans[index] ?? {}
    if (endSeq !== null) dispatch(moved(endSeq))
  }
  const onKeyDown = useRowKeys({ count: spans.length, selected, page: 10, onSelect: choose, onOpen: toEnd })

  return (
    <div
      ref={setScroller}
      className="spans scroll fill"
      role="listbox"
      aria-label={`What ${sessionId} did`}
      aria-activedescendant={selected < 0 ? undefined : `${id}-${selected}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <VirtualRows scroller={scroller} count={spans.length} rowHeight={ROW_HEIGHT} selected={selected}>
        {(index, place) => {
          const span = spans[index]
          return span ? (
            <SpanRow
              key={span.id}
              id={`${id}-${index}`}
              index={index}
              count={spans.length}
              span={span}
              height={place.height}
              transform={place.transform}
              scale={scale}
              now={now}
              isSelected={index === selected}
              onSelect={choose}
            />
          ) : null
        }}
      </VirtualRows>
    </div>
  )
}
