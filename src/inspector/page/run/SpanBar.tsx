import type { CSSProperties } from 'react'
import type { Span } from '../../model/index.js'
import { words } from '../format.js'
import type { Scale } from './scale.js'
import { KINDS, spanDuration } from './spanLook.js'

interface Props {
  readonly span: Span
  readonly scale: Scale
  readonly note: string | null
}

/** A bar for what takes time, a diamond for what does not, and a few words beside it. */
export function SpanBar({ span, scale, note }: Props) {
  const { startMs, endMs, startSeq, endSeq, kind } = span
  const from = clamp(scale.placeOf(startMs, startSeq))
  const to = clamp(scale.placeOf(endMs, endSeq))
  const isPoint = to - from < 1e-6
  const color: CSSProperties = { color: `var(${KINDS[kind].color})` }
  const told = [spanDuration(span), note === null ? null : said(note, kind)].filter(Boolean).join(' · ')
  // Words stand where there is room: behind the bar, or before it.
  const isLate = to > 0.66
  const place: CSSProperties = isLate
    ? { right: `calc(${(1 - from) * 100}% + 8px)` }
    : { left: `calc(${to * 100}% + 8px)` }
  const isWide = to - from > 0.6
  return (
    <>
      {isPoint ? (
        <span className="mark" style={{ ...color, left: `${from * 100}%` }} />
      ) : (
        <span className="bar" style={{ ...color, left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
      )}
      <span
        className={`bar-note ${isWide ? 'inside' : ''}`}
        style={isWide ? { left: `calc(${from * 100}% + 8px)` } : place}
      >
        {told}
      </span>
    </>
  )
}

/** Codes in words. What users have named stays as it is. */
function said(note: string, kind: Span['kind']): string {
  return kind === 'recovery' || /^[a-z_]+$/.test(note) ? words(note) : note
}

function clamp(place: number): number {
  return Math.min(Math.max(place, -0.02), 1.02)
}
