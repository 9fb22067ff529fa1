import { useAppSelector } from '../app/context.js'
import { Panel } from './Panel.js'

export function Stories() {
  const stories = useAppSelector((root) => root.stories)
  return (
    <Panel title="Texts">
      {stories.length === 0 && <p className="hint">Nothing is written yet.</p>}
      {stories.toReversed().map(({ sessionId, headline, text, isPublished }) => (
        <article key={sessionId} className="card">
          <h3>
            {headline ?? `By ${sessionId}`} {isPublished && <span className="badge completed">published</span>}
          </h3>
          <p>{text}</p>
        </article>
      ))}
    </Panel>
  )
}
