import { useMemo } from 'react'
import { budgetOf, countUntil, type BudgetLane, type Waterfall } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSeq } from '../data/position.js'
import { formatCost } from '../format.js'
import { Lane } from './Lane.js'
import type { Scale } from './scale.js'

interface Props {
  readonly waterfall: Waterfall
  readonly scale: Scale
  readonly now: number
}

/** What the session spent of its budget, over time. Nothing where it has none. */
export function BudgetLaneView({ waterfall, scale, now }: Props) {
  const run = useRun()
  const seq = useSeq()
  const lane = useMemo(() => budgetOf(run, waterfall.sessionId), [run, waterfall])
  if (!lane?.budgetUsd.some((budget) => budget !== null)) return null
  const index = countUntil(lane.seq, seq) - 1
  const spent = lane.spentUsd[index] ?? 0
  const budget = lane.budgetUsd[index] ?? null
  const value = budget === null ? formatCost(spent) : `${formatCost(spent)} of ${formatCost(budget)}`
  return (
    <Lane icon="budget" name="budget" value={value} label={`Budget: ${value} spent`} now={now}>
      <BudgetSteps lane={lane} waterfall={waterfall} scale={scale} />
      {lane.exceeded.map(({ seq, at }) => (
        <span
          key={seq}
          className="exceeded"
          title="budget exceeded"
          style={{ left: `${scale.placeOf(at - waterfall.startAt, seq) * 100}%` }}
        />
      ))}
    </Lane>
  )
}

interface StepsProps {
  readonly lane: BudgetLane
  readonly waterfall: Waterfall
  readonly scale: Scale
}

/** Steps as high as the share of the budget that is spent. The line at the top is the budget. */
function BudgetSteps({ lane, waterfall: { startAt, durationMs }, scale }: StepsProps) {
  const end = scale.placeOf(durationMs, null)
  const points = lane.seq.map((seq, index) => {
    const budget = lane.budgetUsd[index] ?? 0
    const share = budget > 0 ? Math.min((lane.spentUsd[index] ?? 0) / budget, 1.15) : 0
    return { x: scale.placeOf((lane.at[index] ?? 0) - startAt, seq), y: 1 - share / 1.15 }
  })
  const [first] = points
  if (!first) return null
  const steps = points.map(({ x, y }) => `H${x}V${y}`).join('')
  return (
    <svg className="budget-steps" viewBox="0 0 1 1" preserveAspectRatio="none">
      <path d={`M${first.x} 1${steps}H${end}V1Z`} />
      <line x1="0" x2="1" y1={1 - 1 / 1.15} y2={1 - 1 / 1.15} />
    </svg>
  )
}
