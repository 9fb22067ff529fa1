import type { ComparedFact, ComparedRow } from '../../model/index.js'
import { Icon } from '../parts/Icon.js'
import { usePageDispatch } from '../store/store.js'
import { factChosen } from '../store/view.js'
import { preview } from '../tree/treeRows.js'
import type { RowFacts } from './useRowFacts.js'

interface Props {
  readonly row: ComparedRow
  readonly facts: RowFacts
  /** The log of each side. */
  readonly logs: { readonly a: number; readonly b: number }
  readonly isFirst: boolean
}

/** What is different at one place. */
export function RowDetails({ row, facts, logs, isFirst }: Props) {
  return (
    <section className="row-details" aria-label="Selected fact" aria-live="polite">
      <h2>{isFirst ? 'Where they part' : TITLES[row.kind]}</h2>
      <FactOf side="A" fact={facts.a} log={logs.a} />
      <FactOf side="B" fact={facts.b} log={logs.b} />
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
  readonly log: number
}

function FactOf({ side, fact, log }: FactProps) {
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
