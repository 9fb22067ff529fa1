import { memo } from 'react'
import type { BreakerInterval, BreakerLane, SessionHistory, Waterfall } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSeq } from '../data/position.js'
import { words } from '../format.js'
import { Lane } from './Lane.js'
import type { Scale } from './scale.js'

interface Props {
  readonly waterfall: Waterfall
  readonly history: SessionHistory
  readonly scale: Scale
  readonly now: number
}

/** How each circuit breaker stood while the session ran. */
export function BreakerLanes({ waterfall, history, scale, now }: Props) {
  const run = useRun()
  const at = run.factAt(useSeq())?.meta.at ?? 0
  const end = waterfall.startAt + waterfall.durationMs
  const inTime = run.breakers.filter(({ intervals }) => (intervals[0]?.from ?? Infinity) <= end)
  return inTime.map((lane) => (
    <Lane
      key={lane.name}
      icon="breaker"
      name={`breaker ${lane.name}`}
      value={words(lane.intervals.findLast(({ from }) => from <= at)?.state ?? '–')}
      label={`Circuit breaker ${lane.name}: ${told(lane, waterfall)}`}
      now={now}
    >
      {lane.intervals.map((interval) => (
        <Interval key={interval.from} interval={interval} waterfall={waterfall} history={history} scale={scale} />
      ))}
    </Lane>
  ))
}

type IntervalProps = Omit<Props, 'now'> & { readonly interval: BreakerInterval }

/** The same wherever the slider is. */
const Interval = memo(function Interval({ interval, waterfall, history, scale }: IntervalProps) {
  const { state, from, to } = interval
  const run = useRun()
  const placeAt = (at: number) => {
    const ms = Math.min(Math.max(at - waterfall.startAt, 0), waterfall.durationMs)
    const seq = history.seqs.findLast((seq) => (run.factAt(seq)?.meta.at ?? 0) <= at) ?? history.seqs[0] ?? 0
    return Math.min(Math.max(scale.placeOf(ms, seq), 0), 1)
  }
  const [left, right] = [placeAt(from), placeAt(to)]
  if (right <= left) return null
  return (
    <span
      className={`interval ${state}`}
      style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
      title={words(state)}
    >
      {right - left > 0.06 ? words(state) : ''}
    </span>
  )
})

function told({ intervals }: BreakerLane, { startAt, durationMs }: Waterfall): string {
  const within = intervals.filter(({ from, to }) => to >= startAt && from <= startAt + durationMs)
  return within.map(({ state }) => words(state)).join(', then ')
}
