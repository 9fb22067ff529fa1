import { useAppSelector } from '../app/context.js'
import { Panel } from './Panel.js'
import { TimelineRow } from './TimelineRow.js'

/** Turns and tools as they happen, the latest first. */
export function Timeline() {
  const calls = useAppSelector((root) => root.timeline)
  const longestMs = Math.max(1_000, ...calls.map(({ startedAt, endedAt }) => (endedAt ?? startedAt) - startedAt))
  return (
    <Panel title="Timeline">
      {calls.length === 0 && <p className="hint">No turns and no tools yet.</p>}
      <ol className="timeline" reversed>
        {calls.toReversed().map((call) => (
          <TimelineRow key={call.id} call={call} longestMs={longestMs} />
        ))}
      </ol>
    </Panel>
  )
}
