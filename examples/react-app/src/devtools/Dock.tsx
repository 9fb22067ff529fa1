import { useState } from 'react'
import type { AgentRuntime } from 'redux-agent-runtime'
import type { AppStore } from '../app/createStore.js'
import { DevTools } from './DevTools.js'
import { LogFiles } from './LogFiles.js'

interface DockProps {
  readonly store: AppStore
  readonly runtime: AgentRuntime
}

/** Where the monitors stand: beside the page, out of its way. */
export function Dock({ store, runtime }: DockProps) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <aside className={`dock ${isOpen ? 'open' : ''}`} aria-label="Redux DevTools">
      <div className="row dock-bar">
        <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          Redux DevTools
        </button>
        {isOpen && <LogFiles store={store} runtime={runtime} />}
      </div>
      {isOpen && <DevTools store={store as never} />}
    </aside>
  )
}
