import type { ComparedFact, ComparedRow } from '../../model/index.js'
import type { RowPlace } from '../parts/VirtualRows.js'
import type { RowFacts } from './useRowFacts.js'

/** What stands between both sides, and what it means. */
const KINDS = {
  same: { sign: '=', label: 'the same' },
  changed: { sign: '≠', label: 'changed' },
  only_a: { sign: '−', label: 'only in A' },
  only_b: { sign: '+', label: 'only in B' },
} as const

interface Props {
  readonly id: string
  readonly kind: ComparedRow['kind']
  readonly facts: RowFacts
  readonly place: RowPlace
  readonly position: number
  readonly count: number
  readonly isSelected: boolean
  readonly isFirst: boolean
  readonly onSelect: () => void
}

export function ComparedRowView({ id, kind, facts, place, position, count, isSelected, isFirst, onSelect }: Props) {
  const { sign, label } = KINDS[kind]
  const { a, b } = facts
  return (
    <div
      id={id}
      role="option"
      className="compared-row"
      aria-label={[isFirst ? 'first divergence' : null, label, a?.text ?? b?.text].filter(Boolean).join(': ')}
      aria-selected={isSelected}
      aria-posinset={position + 1}
      aria-setsize={count}
      data-kind={kind}
      data-first={isFirst || undefined}
      style={{ ...place }}
      onClick={onSelect}
    >
      <Side fact={a} />
      <span className="sign" title={label}>
        {sign}
      </span>
      <Side fact={b} />
      {isFirst ? <span className="first-label">first divergence</span> : null}
    </div>
  )
}

function Side({ fact }: { readonly fact: ComparedFact | null }) {
  if (!fact) return <span className="side-cell absent" />
  const { seq, sessionId, text } = fact
  return (
    <span className="side-cell">
      <span className="faint number">{seq}</span>
      <span className="faint cut">{sessionId}</span>
      <span className="cut" title={text}>
        {text}
      </span>
    </span>
  )
}
