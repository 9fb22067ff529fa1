import {
  breakerConfigured,
  breakerOutcomeRecorded,
  breakerReset,
  turnAttemptFailed,
  turnCancelled,
  turnCompleted,
  turnFailed,
  turnRetried,
  turnStarted,
  type SessionId,
  type TurnId,
} from './facts.js'
import {
  begin,
  createBreaker,
  finish,
  record,
  reset,
  type Admission,
  type Breaker,
  type BreakerOutcome,
} from './rules/breaker.js'
import { own } from './rules/own.js'
import { defineSlice } from './slice.js'

/** By name. Sessions that name the same breaker share it. */
export type Breakers = Readonly<Record<string, Breaker>>

/** A pure state machine over turns and their times: a breaker needs no facts of its own to open or close. */
export const breakers = defineSlice<Breakers>({}, (on) => {
  on(breakerConfigured, (state, { payload }) => {
    const known = own(state, payload.name)
    const breaker = known ? { ...known, ...payload.settings } : createBreaker(payload.name, payload.settings)
    return { ...state, [payload.name]: breaker }
  })
  on(breakerReset, (state, { payload }) => update(state, payload.name, reset))
  on(breakerOutcomeRecorded, (state, { payload, meta }) =>
    update(state, payload.name, (breaker) => record(breaker, payload.outcome, meta.at)),
  )
  on(turnStarted, (state, { payload, meta }) => start(state, payload, meta.at))
  on(turnRetried, (state, { payload, meta }) => start(state, payload, meta.at))
  on(turnCompleted, (state, { payload, meta }) => conclude(state, payload, 'success', meta.at))
  on([turnFailed, turnAttemptFailed], (state, { payload, meta }) =>
    conclude(state, payload, payload.breakerOutcome, meta.at),
  )
  on(turnCancelled, (state, { payload, meta }) => conclude(state, payload, 'released', meta.at))
})

export function selectBreaker(state: { readonly breakers: Breakers }, name: string): Breaker | undefined {
  return own(state.breakers, name)
}

interface AdmittedCall {
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly admission: Admission | null
}

function start(state: Breakers, call: AdmittedCall, at: number): Breakers {
  const { admission } = call
  if (!admission) return state
  return update(state, admission.breaker, (breaker) => begin(breaker, admission, callIdOf(call), at))
}

function conclude(state: Breakers, call: AdmittedCall, outcome: BreakerOutcome, at: number): Breakers {
  const { admission } = call
  if (!admission) return state
  return update(state, admission.breaker, (breaker) => finish(breaker, admission, callIdOf(call), outcome, at))
}

function callIdOf({ sessionId, turnId }: AdmittedCall): string {
  return `${sessionId}/${turnId}`
}

function update(state: Breakers, name: string, change: (breaker: Breaker) => Breaker): Breakers {
  const before = own(state, name)
  const after = before && change(before)
  return after === undefined || after === before ? state : { ...state, [name]: after }
}
