import 'uplot/dist/uPlot.min.css'
import { memo, useMemo, useRef } from 'react'
import { costUntil } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSeq, useSteps } from '../data/position.js'
import { formatCost } from '../format.js'
import { useView } from '../store/store.js'
import { chartData, type Line } from './chartData.js'
import { useChart } from './useChart.js'
import { useMove } from './useMove.js'

/** What was paid, with a line at the current fact. A click moves there. */
export const CostChart = memo(function CostChart() {
  const run = useRun()
  const seq = useSeq()
  const steps = useSteps()
  const { sessionId } = useView()
  const { to } = useMove(steps)
  const data = useMemo(() => chartData(run, steps, sessionId), [run, steps, sessionId])
  const host = useRef<HTMLDivElement>(null)
  useChart({ host, data, place: steps.placeOf(seq), onPick: to })
  const paid = `${formatCost(costUntil(run.cost, seq))} of ${formatCost(run.cost.usd.at(-1) ?? 0)}`

  return (
    <figure className="chart">
      <div ref={host} className="chart-plot" role="img" aria-label={`Cost: ${paid} paid until fact ${seq}`} />
      <figcaption className="legend">
        {data.lines.map((line) => (
          <LegendEntry key={line.label} {...line} />
        ))}
      </figcaption>
    </figure>
  )
})

function LegendEntry({ label, color, look }: Line) {
  return (
    <span className="legend-entry">
      <span className={`swatch ${look}`} style={{ color: `var(${color})` }} />
      {label}
    </span>
  )
}
