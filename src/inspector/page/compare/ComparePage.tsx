import { useMemo } from 'react'
import { useAnswer } from '../questions/useAnswer.js'
import { usePageDispatch } from '../store/store.js'
import { comparedChosen } from '../store/view.js'
import { ComparisonView } from './ComparisonView.js'
import { formatPart } from './part.js'
import { PartChooser } from './PartChooser.js'
import { useParts } from './useParts.js'

/** Two runs beside each other. */
export function ComparePage() {
  const { a, b } = useParts()
  const compared = useAnswer(useMemo(() => ({ kind: 'compare', a, b }) as const, [a, b]))
  const dispatch = usePageDispatch()
  return (
    <main className="pane column" aria-label="Compare">
      <div className="compare-head">
        <PartChooser side="A" part={a} onChange={(part) => dispatch(comparedChosen({ a: formatPart(part) }))} />
        <PartChooser side="B" part={b} onChange={(part) => dispatch(comparedChosen({ b: formatPart(part) }))} />
      </div>
      {compared.status === 'asking' ? (
        <p className="empty" role="status">
          Comparing …
        </p>
      ) : null}
      {compared.status === 'failed' ? (
        <p className="empty" role="alert">
          {compared.message}
        </p>
      ) : null}
      {compared.status === 'answered' ? (
        <ComparisonView key={`${formatPart(a)} ${formatPart(b)}`} comparison={compared.answer} a={a} b={b} />
      ) : null}
    </main>
  )
}
