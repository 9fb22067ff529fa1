import type { ReactNode } from 'react'
import type { WhatIf } from '../../../history/whatIf.js'
import { formatCost, formatCount, formatDifference, plural, words } from '../format.js'

/** All sessions together. */
export function Totals({ told: { totals, notEvaluated } }: { readonly told: WhatIf }) {
  const { costUsd, avoided, stoppedBy, unpricedModels } = totals
  const difference = Number((costUsd.changed - costUsd.recorded).toFixed(12))
  const kept = [...notEvaluated.conditions, ...notEvaluated.guardrails]
  return (
    <section className="totals" aria-label="All sessions" role="status">
      <div className="cards">
        <Card name="Cost" value={formatCost(costUsd.changed)}>
          {formatDifference(difference)}, recorded {formatCost(costUsd.recorded)}
        </Card>
        <Card name="Stopped" value={formatCount(totals.stopped)}>
          of {plural(totals.sessions, 'session')}
        </Card>
        <Card name="Not done" value={plural(avoided.turns, 'turn')}>
          {plural(avoided.tools, 'tool call')}, {formatCost(avoided.costUsd)}
        </Card>
        <Card name="Otherwise" value={formatCount(totals.differing)}>
          {plural(totals.overran, 'overrun')}, {formatCount(totals.allowed)} no longer refused
        </Card>
      </div>
      <ul className="told">
        {stoppedBy.map((stopped) => (
          <li key={`${stopped.rule} ${stopped.limit ?? ''}`}>
            {plural(stopped.sessions, 'session')} {fateOf(stopped)}
          </li>
        ))}
        {kept.length > 0 ? <li>Functions that were not asked again: {kept.join(', ')}</li> : null}
        {unpricedModels.changed.length > 0 ? <li>No price is known for {unpricedModels.changed.join(', ')}</li> : null}
      </ul>
    </section>
  )
}

function fateOf({ rule, limit }: WhatIf['totals']['stoppedBy'][number]): string {
  if (rule === 'source_stopped') return 'not reached: the one that would have handed off was stopped'
  return `stopped by ${words(limit ?? rule)}`
}

interface CardProps {
  readonly name: string
  readonly value: string
  readonly children: ReactNode
}

function Card({ name, value, children }: CardProps) {
  return (
    <dl className="card">
      <dt>{name}</dt>
      <dd className="card-value">{value}</dd>
      <dd className="muted">{children}</dd>
    </dl>
  )
}
