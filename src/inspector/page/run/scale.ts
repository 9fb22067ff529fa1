import type { SessionHistory, Waterfall } from '../../model/index.js'
import { countUntil } from '../../model/index.js'
import { formatCount, formatDuration } from '../format.js'

/** How a session is laid out from left to right. */
export type ScaleKind = 'time' | 'order'

/** What is in sight, of a whole from 0 to 1. */
export interface Extent {
  readonly from: number
  readonly length: number
}

export interface Tick {
  /** From 0 to 1. */
  readonly place: number
  readonly label: string
}

/** Places are fractions of the width: 0 is the left edge, 1 the right one, and what is beyond is out of sight. */
export interface Scale {
  readonly kind: ScaleKind
  /** @param ms - Since the start of the session. */
  placeOf(ms: number, seq: number | null): number
  readonly ticks: readonly Tick[]
}

export function createScale(kind: ScaleKind, waterfall: Waterfall, { seqs }: SessionHistory, extent: Extent): Scale {
  const length = kind === 'time' ? Math.max(waterfall.durationMs, 1) : Math.max(seqs.length, 1)
  const zoomed = (value: number) => (value / length - extent.from) / extent.length
  const valueOf = (ms: number, seq: number | null) =>
    kind === 'time' ? ms : seq === null ? length : countUntil(seqs, seq) - 1
  return {
    kind,
    placeOf: (ms, seq) => zoomed(valueOf(ms, seq)),
    ticks: ticksBetween(extent.from * length, (extent.from + extent.length) * length, kind).map((value) => ({
      place: zoomed(value),
      label: kind === 'time' ? formatDuration(value).replace(/\.0+ /, ' ') : formatCount(value + 1),
    })),
  }
}

/** The part in sight when it is zoomed so many times, around a place. */
export function extentAround(place: number, zoom: number): Extent {
  const length = 1 / zoom
  return { from: Math.min(Math.max(place - length / 2, 0), 1 - length), length }
}

const TICKS = 7

/** Round values, about as many as have room. */
function ticksBetween(from: number, to: number, kind: ScaleKind): number[] {
  const step = roundStep((to - from) / TICKS, kind)
  const first = Math.ceil(from / step) * step
  const count = Math.max(0, Math.floor((to - first) / step) + 1)
  return Array.from({ length: count }, (_, index) => first + index * step)
}

const ROUND_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
]

function roundStep(wanted: number, kind: ScaleKind): number {
  const known = kind === 'time' ? ROUND_MS.find((step) => step >= wanted) : undefined
  if (known !== undefined) return known
  const unit = 10 ** Math.floor(Math.log10(Math.max(wanted, 1)))
  return [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= wanted) ?? unit * 10
}
