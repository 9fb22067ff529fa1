import { useMemo, useState } from 'react'
import type { Comparison } from '../../model/index.js'
import { ComparedRows } from './ComparedRows.js'
import { ComparedTools } from './ComparedTools.js'
import { OutcomeTable } from './OutcomeTable.js'
import type { Part } from './part.js'
import { RowDetails } from './RowDetails.js'
import { useRowFacts } from './useRowFacts.js'

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
  const factsOf = useRowFacts(a, b)
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
          factsOf={factsOf}
          onSelect={setSelected}
        />
      </div>
      <aside className="pane comparison-side" aria-label="Differences">
        <OutcomeTable comparison={comparison} />
        {row ? (
          <RowDetails
            row={row}
            facts={factsOf(row)}
            logs={{ a: a.log, b: b.log }}
            isFirst={selected === firstDivergence}
          />
        ) : null}
      </aside>
    </div>
  )
}
