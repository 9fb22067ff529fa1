import { recoveryAttempted } from './facts.js'
import type { Scenario } from './rules/failures.js'
import { defineSlice } from './slice.js'

/** What one session has done about its failures. */
export interface Recovery {
  /** Recoveries by scenario, without those that were escalated. While recording they count against the recipe's `maxAttempts`. */
  readonly attempts: Readonly<Partial<Record<Scenario, number>>>
  /** Scenarios whose attempts are used up, in the order in which that was noticed. */
  readonly exhausted: readonly Scenario[]
}

export const recovery = defineSlice<Recovery>({ attempts: {}, exhausted: [] }, (on) => {
  on(recoveryAttempted, (state, { payload: { scenario, outcome } }) => {
    if (outcome !== 'escalation_required') {
      return { ...state, attempts: { ...state.attempts, [scenario]: (state.attempts[scenario] ?? 0) + 1 } }
    }
    return state.exhausted.includes(scenario) ? state : { ...state, exhausted: [...state.exhausted, scenario] }
  })
})
