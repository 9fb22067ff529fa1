import type { Run } from './run.js'
import type { Span } from './span.js'
import { SpanBuilder } from './spanBuilder.js'

/** One session as bars on a time axis. */
export interface Waterfall {
  readonly sessionId: string
  /** Unix ms of the origin of the axis: the first fact of the session. */
  readonly startAt: number
  /** How long the axis is. */
  readonly durationMs: number
  /** Each in a row of its own: by their start, and what is inside of another one behind it. The first one is the session. */
  readonly spans: readonly Span[]
}

/** `undefined`: there is no such session. */
export function waterfallOf(run: Run, sessionId: string): Waterfall | undefined {
  const history = run.histories.get(sessionId)
  if (!history) return undefined
  const spans = new SpanBuilder(sessionId, history.firstAt, run.last.pricing)
  for (const seq of history.seqs) {
    const fact = run.factAt(seq)
    if (fact) spans.add(fact)
  }
  return {
    sessionId,
    startAt: history.firstAt,
    durationMs: history.lastAt - history.firstAt,
    spans: spans.finish(history),
  }
}
