import { createAgentModule } from 'redux-agent-runtime'
import type { IndexedDbLog } from 'redux-agent-runtime/indexeddb'
import { AGENTS } from '../host/agentFacts.js'

export type Agents = ReturnType<typeof createAgents>

/** The agents as a part of this app's store. Their answers are recorded, so that a reload goes on where they were. */
export function createAgents(log: IndexedDbLog, whileTimeTravelling: 'wait' | 'reject') {
  return createAgentModule({ reducerPath: AGENTS, log, record: { results: 'json' }, whileTimeTravelling })
}
