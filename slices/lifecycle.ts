import {
  handoffIssued,
  inputCancelled,
  inputExpired,
  inputProvided,
  inputRequested,
  sessionCancelled,
  sessionCompleted,
  sessionFailed,
  sessionOpened,
  sessionParked,
  sessionResumed,
} from './facts.js'
import { idleLifecycle, transition, type Lifecycle, type LifecycleStatus } from './rules/lifecycle.js'
import { defineSlice } from './slice.js'

/** Where one session stands, and how it came there. */
export interface SessionLifecycle extends Lifecycle {
  /** The last transitions, oldest first. */
  readonly recent: readonly Transition[]
  /** How many questions a person has not answered yet. */
  readonly questions: number
  /** When the process went down before the session had ended, in Unix ms. */
  readonly parkedAt: number | null
}

export interface Transition {
  readonly seq: number
  readonly status: LifecycleStatus
  readonly detail: string | null
  /** Unix ms. */
  readonly at: number
}

const RECENT = 16

const idle: SessionLifecycle = { ...idleLifecycle, recent: [], questions: 0, parkedAt: null }

export const lifecycle = defineSlice<SessionLifecycle>(idle, (on) => {
  on(sessionOpened, (state, { meta }) => {
    const initializing = state.status === 'idle' ? move(state, meta.at, 'initializing') : state
    return move(initializing, meta.at, 'running')
  })
  on(sessionCompleted, (state, { payload, meta }) => move(state, meta.at, 'completed', payload.detail))
  on(handoffIssued, (state, { payload, meta }) => move(state, meta.at, 'completed', `handoff to ${payload.targetRole}`))
  on(sessionFailed, (state, { payload, meta }) => move(state, meta.at, 'failed', payload.detail))
  on(sessionCancelled, (state, { payload, meta }) => move(state, meta.at, 'cancelled', payload.detail))
  on(inputRequested, (state, { payload, meta }) => {
    const asking = { ...state, questions: state.questions + 1 }
    return state.status === 'running' ? move(asking, meta.at, 'waiting_for_input', payload.prompt) : asking
  })
  on(inputProvided, (state, { meta }) => answer(state, meta.at, 'input received'))
  on(inputExpired, (state, { meta }) => answer(state, meta.at, 'input expired'))
  on(inputCancelled, (state, { meta }) => answer(state, meta.at, 'input cancelled'))
  on(sessionParked, (state, { meta }) => ({ ...state, parkedAt: meta.at }))
  on(sessionResumed, (state) => ({ ...state, parkedAt: null }))
})

function answer(state: SessionLifecycle, at: number, detail: string): SessionLifecycle {
  const answered = { ...state, questions: state.questions - 1 }
  const isLast = answered.questions === 0 && state.status === 'waiting_for_input'
  return isLast ? move(answered, at, 'running', detail) : answered
}

export function move(state: SessionLifecycle, at: number, to: LifecycleStatus, detail?: string): SessionLifecycle {
  const moved = transition(state, to, detail)
  const latest: Transition = { seq: moved.seq, status: moved.status, detail: moved.detail, at }
  return { ...state, ...moved, recent: [...state.recent, latest].slice(-RECENT) }
}
