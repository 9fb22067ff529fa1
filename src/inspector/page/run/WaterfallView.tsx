import type { SessionHistory, Waterfall } from '../../model/index.js'
import { BreakerLanes } from './BreakerLanes.js'
import { BudgetLaneView } from './BudgetLaneView.js'
import { SpanList } from './SpanList.js'
import { TimeAxis } from './TimeAxis.js'
import { useScale } from './useScale.js'
import { WaterfallTools } from './WaterfallTools.js'

interface Props {
  readonly waterfall: Waterfall
  readonly history: SessionHistory
}

/** What a session did, as bars over time, above how its breakers and its budget stood. */
export function WaterfallView({ waterfall, history }: Props) {
  const { scale, now, ...tools } = useScale(waterfall, history)
  return (
    <section className="waterfall" aria-label="Waterfall">
      <WaterfallTools {...tools} spans={waterfall.spans} />
      <TimeAxis ticks={scale.ticks} />
      <SpanList waterfall={waterfall} scale={scale} now={now} />
      <div className="lanes">
        <BreakerLanes waterfall={waterfall} history={history} scale={scale} now={now} />
        <BudgetLaneView waterfall={waterfall} scale={scale} now={now} />
      </div>
    </section>
  )
}
