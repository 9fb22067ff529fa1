import { useState, type SubmitEvent } from 'react'
import { useApp, useIsLive } from '../app/context.js'
import { Panel } from './Panel.js'

export function StartForm() {
  const { newsroom } = useApp()
  const isLive = useIsLive()
  const [topic, setTopic] = useState('the tides')

  function start(event: SubmitEvent): void {
    event.preventDefault()
    newsroom.start(topic.trim() || 'nothing in particular')
  }

  return (
    <Panel title="A new story">
      <form className="row" onSubmit={start}>
        <label className="grows">
          Topic
          <input value={topic} onChange={(event) => setTopic(event.target.value)} />
        </label>
        <button type="submit" className="primary">
          Start
        </button>
      </form>
      {!isLive && <p className="hint">What you start now waits until the store is live again, or is refused.</p>}
    </Panel>
  )
}
