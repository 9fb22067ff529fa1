import { limitsRaised } from './facts.js'
import { selectOrchestrator, type Orchestrators } from './orchestrators.js'
import { limitsOf, mergeRaised, type RaisedLimits, type SessionLimits } from './rules/limits.js'
import { defineSlice } from './slice.js'

/** Caps that one session was given instead of its orchestrator's. `null`: none. */
export const limits = defineSlice<RaisedLimits | null>(null, (on) => {
  on(limitsRaised, (state, { payload }) => mergeRaised(state, payload.limits))
})

/** The caps that bind a session. */
export function selectLimits(
  state: { readonly orchestrators: Orchestrators },
  { orchestratorId, limits }: { readonly orchestratorId: string; readonly limits: RaisedLimits | null },
): SessionLimits {
  return limitsOf(selectOrchestrator(state, orchestratorId), limits)
}
