import { configureStore, createSlice, type Middleware } from '@reduxjs/toolkit'
import { createAgentModule, type AgentModule } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'

export const WRITER = { role: 'writer', phase: 'draft' }

/** A slice of the host. */
export const notes = createSlice({
  name: 'sessions',
  initialState: { opened: 0 },
  // Of the same name as a fact of the runtime.
  reducers: { opened: (state) => ({ opened: state.opened + 1 }) },
})

/** A host's store with a module and slice of its own, and middleware behind the module's. */
export function storeWith(agents: AgentModule<'agents'>, ...inner: Middleware[]) {
  return configureStore({
    reducer: { notes: notes.reducer, agents: agents.reducer },
    middleware: (getDefaultMiddleware) => getDefaultMiddleware(agents.devChecks).concat(agents.middleware, ...inner),
  })
}

/** A module that was started in a host's store. */
export function hosted() {
  const clock = createManualClock(1_000)
  const agents = createAgentModule({ clock })
  const store = storeWith(agents)
  const runtime = agents.start(store)
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  return { agents, store, runtime, clock, writer: runtime.orchestrator(WRITER) }
}
