import { handoffIssued, sessionCancelled, sessionCompleted, sessionFailed, sessionOpened } from './facts.js'
import { idleLifecycle, transition, type Lifecycle, type LifecycleStatus } from './rules/lifecycle.js'
import { defineSlice } from './slice.js'

/** Where one session stands, and how it came there. */
export interface SessionLifecycle extends Lifecycle {
  /** The last transitions, oldest first. */
  readonly recent: readonly Transition[]
}

export interface Transition {
  readonly seq: number
  readonly status: LifecycleStatus
  readonly detail: string | null
  /** Unix ms. */
  readonly at: number
}

const RECENT = 16

const idle: SessionLifecycle = { ...idleLifecycle, recent: [] }

export const lifecycle = defineSlice<SessionLifecycle>(idle, (on) => {
  on(sessionOpened, (state, { meta }) => {
    const initializing = state.status === 'idle' ? move(state, meta.at, 'initializing') : state
    return move(initializing, meta.at, 'running')
  })
  on(sessionCompleted, (state, { payload, meta }) => move(state, meta.at, 'completed', payload.detail))
  on(handoffIssued, (state, { payload, meta }) => move(state, meta.at, 'completed', `handoff to ${payload.targetRole}`))
  on(sessionFailed, (state, { payload, meta }) => move(state, meta.at, 'failed', payload.detail))
  on(sessionCancelled, (state, { payload, meta }) => move(state, meta.at, 'cancelled', payload.detail))
})

export function move(state: SessionLifecycle, at: number, to: LifecycleStatus, detail?: string): SessionLifecycle {
  const moved = transition(state, to, detail)
  const latest: Transition = { seq: moved.seq, status: moved.status, detail: moved.detail, at }
  return { ...moved, recent: [...state.recent, latest].slice(-RECENT) }
}
