import { toolBlocked, toolCancelled, toolCompleted, toolFailed, toolStarted, type ToolCallId } from './facts.js'
import { defineSlice, without, type Mutable } from './slice.js'

/** Tool calls of one session, by how they went. */
export interface Tools {
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly blocked: number
  readonly inFlight: readonly ToolCallId[]
}

const initial: Tools = { started: 0, completed: 0, failed: 0, cancelled: 0, blocked: 0, inFlight: [] }

export const tools = defineSlice(initial, (on) => {
  on(toolStarted, (state, { payload }) => {
    const next = copy(state)
    next.started += 1
    next.inFlight = [...state.inFlight, payload.toolCallId]
    return next
  })
  on(toolCompleted, (state, { payload }) => landed(state, payload.toolCallId, 'completed'))
  on(toolFailed, (state, { payload }) => landed(state, payload.toolCallId, 'failed'))
  on(toolCancelled, (state, { payload }) => landed(state, payload.toolCallId, 'cancelled'))
  on(toolBlocked, (state, { payload }) => landed(state, payload.toolCallId, 'blocked'))
})

/** @param toolCallId - Absent when the tool was never called. */
function landed(
  state: Tools,
  toolCallId: ToolCallId | undefined,
  outcome: 'completed' | 'failed' | 'cancelled' | 'blocked',
): Tools {
  const next = copy(state)
  next[outcome] += 1
  if (toolCallId !== undefined) next.inFlight = without(state.inFlight, toolCallId)
  return next
}

function copy({ started, completed, failed, cancelled, blocked, inFlight }: Tools): Mutable<Tools> {
  return { started, completed, failed, cancelled, blocked, inFlight }
}
