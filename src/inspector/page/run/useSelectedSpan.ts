import { useMemo, useState } from 'react'
import type { Span } from '../../model/index.js'

/** The row that was chosen, as long as the slider is within it; or the innermost one in which it is. -1: none. */
export function useSelectedSpan(spans: readonly Span[], seq: number) {
  const [chosen, select] = useState(-1)
  const isWithin = useMemo(() => isIn(spans[chosen], seq), [spans, chosen, seq])
  const innermost = useMemo(() => (isWithin ? -1 : innermostAt(spans, seq)), [isWithin, spans, seq])
  return { selected: isWithin ? chosen : innermost, select }
}

function isIn(span: Span | undefined, seq: number): boolean {
  return span !== undefined && span.startSeq <= seq && (span.endSeq ?? Infinity) >= seq
}

/** Of those in which a fact is, the one that began last. */
function innermostAt(spans: readonly Span[], seq: number): number {
  let found = -1
  for (const [index, span] of spans.entries()) {
    if (isIn(span, seq) && span.startSeq >= (spans[found]?.startSeq ?? 0)) found = index
  }
  return found
}
