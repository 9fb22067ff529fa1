import { useMemo, useState } from 'react'
import type { Comparison } from '../../model/index.js'
import { ComparedRows } from './ComparedRows.js'
import { ComparedTools } from './ComparedTools.js'
import { OutcomeTable } from './OutcomeTable.js'
import type { Part } from './part.js'
import { RowDetails } from './RowDetails.js'

interface Props {
  readonly comparison: Comparison
  readonly a: Part
  readonly b: Part
}

/** All facts of both sides, the place where they part, and what is different there. */
export function ComparisonView({ comparison, a, b }: Props) {
  const { rows, firstDivergence } = comparison
  const [selected, setSelected] = useState(firstDivergence ?? 0)
  const [onlyDifferent, setOnlyDifferent] = useState(false)
  const different = useMemo(() => rows.flatMap(({ kind }, index) => (kind === 'same' ? [] : [index])), [rows])
  const shown = useMemo(
    () => (onlyDifferent ? different : rows.map((_, index) => index)),
    [onlyDifferent, different, rows],
  )
  const row = rows[selected]
  return (
    <div className="comparison">
      <div className="column">
        <ComparedTools
          count={rows.length}
          different={different}
          selected={selected}
          firstDivergence={firstDivergence}
          onSelect={setSelected}
          onlyDifferent={onlyDifferent}
          onOnlyDifferent={setOnlyDifferent}
        />
        <ComparedRows
          rows={rows}
          shown={shown}
          selected={selected}
          firstDivergence={firstDivergence}
          onSelect={setSelected}
        />
      </div>
      <aside className="pane comparison-side" aria-label="Differences">
        <OutcomeTable diff={comparison.diff} />
        {row ? <RowDetails row={row} a={a} b={b} isFirst={selected === firstDivergence} /> : null}
      </aside>
    </div>
  )
}
