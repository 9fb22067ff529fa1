import type { RunOutcome } from '../../../history/runDiff.js'
import type { Comparison } from '../../model/index.js'
import { formatCost, formatCount, formatDifference } from '../format.js'
import { StatusBadge } from '../parts/StatusBadge.js'

const COUNTS = [
  ['sessions', 'Sessions'],
  ['turns', 'Turns'],
  ['tools', 'Tools'],
  ['inputTokens', 'Tokens in'],
  ['outputTokens', 'Tokens out'],
] as const satisfies readonly (readonly [keyof RunOutcome, string])[]

/** What became of both sides. */
export function OutcomeTable({ comparison: { outcome, cost } }: { readonly comparison: Comparison }) {
  const { a, b } = outcome
  return (
    <table className="numbers-table">
      <caption className="hidden-text">Outcomes</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">A</th>
          <th scope="col">B</th>
          <th scope="col">B − A</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Status</th>
          <td>{a.status ? <StatusBadge status={a.status} /> : '–'}</td>
          <td>{b.status ? <StatusBadge status={b.status} /> : '–'}</td>
          <td />
        </tr>
        <tr>
          <th scope="row">Cost</th>
          <td>{formatCost(cost.a)}</td>
          <td>{formatCost(cost.b)}</td>
          <td className={cost.differenceUsd === 0 ? 'faint' : ''}>{formatDifference(cost.differenceUsd)}</td>
        </tr>
        {COUNTS.map(([field, name]) => (
          <tr key={field}>
            <th scope="row">{name}</th>
            <td>{formatCount(a[field])}</td>
            <td>{formatCount(b[field])}</td>
            <td className={a[field] === b[field] ? 'faint' : ''}>{signed(b[field] - a[field])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function signed(difference: number): string {
  if (difference === 0) return '0'
  return `${difference > 0 ? '+' : '−'}${formatCount(Math.abs(difference))}`
}
