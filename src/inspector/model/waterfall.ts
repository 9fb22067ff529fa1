import { isTerminal } from '../../../slices/rules/lifecycle.js'
import { roundUsd } from '../../../slices/rules/prices.js'
import { totalCostUsd } from '../../../slices/usage.js'
import { statusOf, type SessionStatus } from '../../history/run.js'
import { isFoundLater } from '../../transcript/spans.js'
import { Calls } from './calls.js'
import type { Run } from './run.js'
import type { SessionHistory } from './sessionHistory.js'
import type { Span, SpanStatus } from './span.js'
import { addToSpans } from './spanFacts.js'
import { SpanList } from './spanList.js'
import { whyOf } from './why.js'

/** One session as bars on a time axis. */
export interface Waterfall {
  readonly sessionId: string
  /** The origin of the axis, in Unix ms: the first fact of the session. */
  readonly startAt: number
  /** How long the axis is: until its last fact. */
  readonly durationMs: number
  /** A row each: by their start, and what is inside of another one behind it. The first one is the session. */
  readonly spans: readonly Span[]
}

/** `undefined`: there is no such session. */
export function waterfallOf(run: Run, sessionId: string): Waterfall | undefined {
  const history = run.histories.get(sessionId)
  if (!history) return undefined
  const { firstAt: startAt, lastAt } = history
  const durationMs = lastAt - startAt
  const spans = new SpanList(sessionId)
  const calls = new Calls(spans, run.last.pricing)
  let [aliveMs, isFound] = [0, false]
  for (const seq of history.seqs) {
    const fact = run.factAt(seq)
    if (!fact) continue
    const ms = fact.meta.at - startAt
    addToSpans(fact, { seq, ms }, { spans, calls, aliveMs: isFound || isFoundLater(fact) ? aliveMs : ms })
    isFound = isFoundLater(fact)
    if (!isFound) aliveMs = ms
  }
  const costUsd = roundUsd(totalCostUsd(history.paid, run.last.pricing))
  return { sessionId, startAt, durationMs, spans: [spanOf(history, costUsd), ...spans.finish(durationMs)] }
}

const STATUSES: Readonly<Record<SessionStatus, SpanStatus>> = {
  idle: 'running',
  initializing: 'waiting',
  running: 'running',
  waiting_for_input: 'waiting',
  parked: 'parked',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

function spanOf({ sessionId, session, seqs, firstAt, lastAt, failureClass }: SessionHistory, costUsd: number): Span {
  const hasEnded = session !== null && isTerminal(session.lifecycle.status)
  return {
    ...{ id: sessionId, parentId: null, kind: 'session', depth: 0 },
    status: session ? STATUSES[statusOf(session)] : 'running',
    label: session ? `${session.role}/${session.phase}` : sessionId,
    detail: session && whyOf(session, failureClass),
    ...{ startMs: 0, endMs: lastAt - firstAt, startSeq: seqs[0] ?? 0 },
    endSeq: hasEnded ? (seqs.at(-1) ?? null) : null,
    ...{ costUsd, beside: 0 },
  }
}
