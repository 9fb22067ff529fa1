import type { Call } from '../host/timeline.js'

interface TimelineRowProps {
  readonly call: Call
  /** As long as the longest bar is. */
  readonly longestMs: number
}

export function TimelineRow({ call, longestMs }: TimelineRowProps) {
  const { id, kind, name, sessionId, startedAt, endedAt, outcome, tokens } = call
  const tookMs = endedAt === null ? null : endedAt - startedAt
  const width = tookMs === null ? '100%' : `${Math.max(2, (tookMs / longestMs) * 100)}%`
  return (
    <li className={`call ${kind} ${outcome}`} data-call={id} data-outcome={outcome}>
      <span className="when">{new Date(startedAt).toLocaleTimeString()}</span>
      <span>
        {sessionId} · {kind} {name}
      </span>
      <span className="number">
        {outcome}
        {tookMs !== null && tookMs > 0 && `, ${tookMs} ms`}
        {tokens > 0 && `, ${tokens.toLocaleString('en-US')} tokens`}
      </span>
      <span className="bar" aria-hidden="true">
        <span style={{ width }} />
      </span>
    </li>
  )
}
