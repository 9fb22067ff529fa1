import { gateEvaluated } from './facts.js'
import type { GateOutcome } from './rules/quality.js'
import { defineSlice } from './slice.js'

/** Quality gates of one session. */
export interface Gates {
  readonly passed: number
  readonly failed: number
  readonly last: GateOutcome | null
}

export const gates = defineSlice<Gates>({ passed: 0, failed: 0, last: null }, (on) => {
  on(gateEvaluated, (state, { payload: { required, observed, satisfied } }) => ({
    passed: state.passed + (satisfied ? 1 : 0),
    failed: state.failed + (satisfied ? 0 : 1),
    last: { required, observed, satisfied },
  }))
})
