import {
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolInterrupted,
  toolRetried,
  toolStarted,
  type FactPayload,
} from './facts.js'
import { defineSlice, type Mutable } from './slice.js'

/** Tool calls, by how they went. */
export interface Tools {
  /** Calls that the role may make, whatever became of them. They count against `max_tool_calls`. */
  readonly attempted: number
  readonly started: number
  /** Calls beyond the first of the tool's function. */
  readonly retried: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly blocked: number
  /** Calls whose process ended while they ran. They do not count against `max_tool_calls`. */
  readonly interrupted: number
  /** Fingerprints of the latest calls that were started, oldest first. Calls without arguments have none. */
  readonly recentCalls: readonly string[]
}

/** How far back a call is compared with those before it. */
const RECENT_CALLS = 32

const initial: Tools = {
  attempted: 0,
  started: 0,
  retried: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  blocked: 0,
  interrupted: 0,
  recentCalls: [],
}

export const tools = defineSlice(initial, (on) => {
  on(toolStarted, (state, { payload: { fingerprint } }) => {
    const next = copy(state)
    next.attempted += 1
    next.started += 1
    if (fingerprint !== null) next.recentCalls = [...state.recentCalls, fingerprint].slice(-RECENT_CALLS)
    return next
  })
  on(toolRetried, (state) => ({ ...state, retried: state.retried + 1 }))
  on(toolCompleted, (state) => counted(state, 'completed'))
  on(toolFailed, (state) => counted(state, 'failed'))
  on(toolCancelled, (state) => counted(state, 'cancelled'))
  on(toolInterrupted, (state) => {
    const next = counted(state, 'interrupted')
    next.attempted -= 1
    return next
  })
  on(toolBlocked, (state, { payload }) => {
    const next = counted(state, 'blocked')
    if (!wasStarted(payload) && payload.by.kind !== 'permission') next.attempted += 1
    return next
  })
})

/** Calls whose function was called, without those whose process ended. */
export function toolsMade({ started, interrupted }: Tools): number {
  return started - interrupted
}

/** How often a call with this fingerprint was made among the latest ones. */
export function countRepeats({ recentCalls }: Tools, fingerprint: string | null): number {
  let count = 0
  if (fingerprint !== null) for (const recent of recentCalls) if (recent === fingerprint) count += 1
  return count
}

function wasStarted({ toolCallId }: FactPayload<typeof toolBlocked>): boolean {
  return toolCallId !== null
}

function counted(
  state: Tools,
  outcome: 'completed' | 'failed' | 'cancelled' | 'blocked' | 'interrupted',
): Mutable<Tools> {
  const next = copy(state)
  next[outcome] += 1
  return next
}

function copy(tools: Tools): Mutable<Tools> {
  return {
    attempted: tools.attempted,
    started: tools.started,
    retried: tools.retried,
    completed: tools.completed,
    failed: tools.failed,
    cancelled: tools.cancelled,
    blocked: tools.blocked,
    interrupted: tools.interrupted,
    recentCalls: tools.recentCalls,
  }
}
