import { useMemo, useState } from 'react'
import { countUntil, type SessionHistory, type Waterfall } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSeq } from '../data/position.js'
import { createScale, extentAround, type ScaleKind } from './scale.js'

const MAX_ZOOM = 4_096
const OUT_OF_SIGHT = -1

/** How the session is laid out, and where on that the current fact is. */
export function useScale(waterfall: Waterfall, history: SessionHistory) {
  const run = useRun()
  const seq = useSeq()
  const [kind, setKind] = useState<ScaleKind>('time')
  const [zoom, setZoom] = useState(1)
  const at = run.factAt(seq)?.meta.at ?? waterfall.startAt
  const ms = Math.min(Math.max(at - waterfall.startAt, 0), waterfall.durationMs)
  const isWithin = at >= waterfall.startAt && at <= waterfall.startAt + waterfall.durationMs
  const order = Math.max(0, countUntil(history.seqs, seq) - 1)
  const share = kind === 'time' ? ms / Math.max(waterfall.durationMs, 1) : order / Math.max(history.seqs.length, 1)
  // Moving through facts makes a new scale only where it is zoomed in, and the part in sight follows.
  const around = zoom === 1 ? 0.5 : share
  const scale = useMemo(
    () => createScale(kind, waterfall, history, extentAround(around, zoom)),
    [kind, waterfall, history, around, zoom],
  )
  return {
    scale,
    now: isWithin ? scale.placeOf(ms, seq) : OUT_OF_SIGHT,
    kind,
    setKind,
    zoom,
    zoomIn: () => setZoom(Math.min(zoom * 2, MAX_ZOOM)),
    zoomOut: () => setZoom(Math.max(zoom / 2, 1)),
  }
}
