import type { ComparedFact, ComparedRow } from '../../model/index.js'
import { Icon } from '../parts/Icon.js'
import { usePageDispatch } from '../store/store.js'
import { factChosen } from '../store/view.js'
import { preview } from '../tree/treeRows.js'
import type { Part } from './part.js'

interface Props {
  readonly row: ComparedRow
  readonly a: Part
  readonly b: Part
  readonly isFirst: boolean
}

/** What is different at one place. */
export function RowDetails({ row, a, b, isFirst }: Props) {
  return (
    <section className="row-details" aria-label="Selected fact" aria-live="polite">
      <h2>{isFirst ? 'Where they part' : TITLES[row.kind]}</h2>
      <FactOf side="A" fact={row.a} part={a} />
      <FactOf side="B" fact={row.b} part={b} />
      <ul className="changes">
        {row.changes.map((change) => (
          <li key={change.path} className="change changed">
            <p className="change-path mono">
              <strong>{change.path}</strong>
            </p>
            <p className="change-values mono">
              {'a' in change ? <del>{preview(change.a)}</del> : null}
              {'a' in change && 'b' in change ? <Icon name="handoff" label="is in B" /> : null}
              {'b' in change ? <ins>{preview(change.b)}</ins> : null}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

const TITLES = { same: 'The same in both', changed: 'Changed', only_a: 'Only in A', only_b: 'Only in B' } as const

interface FactProps {
  readonly side: 'A' | 'B'
  readonly fact: ComparedFact | null
  readonly part: Part
}

function FactOf({ side, fact, part: { log } }: FactProps) {
  const dispatch = usePageDispatch()
  if (!fact) return <p className="faint">{side}: nothing</p>
  const { seq, sessionId, text } = fact
  return (
    <div className="row-fact">
      <span className="side-letter">{side}</span>
      <p>{text}</p>
      <button
        type="button"
        className="button"
        aria-label={`Open fact ${seq} of ${side}`}
        onClick={() => dispatch(factChosen({ log, sessionId, seq }))}
      >
        Open {seq}
      </button>
    </div>
  )
}
