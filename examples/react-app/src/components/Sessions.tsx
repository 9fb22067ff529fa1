import { useApp, useAppSelector } from '../app/context.js'
import { Panel } from './Panel.js'
import { SessionCard } from './SessionCard.js'

export function Sessions() {
  const { agents } = useApp()
  const sessions = useAppSelector(agents.selectors.selectSessions)
  return (
    <Panel title="Sessions">
      {sessions.length === 0 && <p className="hint">None yet.</p>}
      <ul className="plain">
        {sessions.toReversed().map(({ id }) => (
          <SessionCard key={id} sessionId={id} />
        ))}
      </ul>
    </Panel>
  )
}
