import {
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolStarted,
  turnCancelled,
  turnCompleted,
  turnFailed,
  turnStarted,
  type ToolCallId,
  type TurnId,
} from './facts.js'
import { defineSlice, without } from './slice.js'

/** Calls of one session that have begun and not ended. */
export interface InFlight {
  readonly turns: readonly TurnId[]
  readonly tools: readonly ToolCallId[]
}

const none: InFlight = { turns: [], tools: [] }

export const inFlight = defineSlice<InFlight>(none, (on) => {
  on(turnStarted, ({ turns, tools }, { payload }) => ({ turns: [...turns, payload.turnId], tools }))
  on([turnCompleted, turnFailed, turnCancelled], ({ turns, tools }, { payload: { turnId } }) =>
    withNone({ turns: without(turns, turnId), tools }),
  )
  on(toolStarted, ({ turns, tools }, { payload }) => ({ turns, tools: [...tools, payload.toolCallId] }))
  on([toolCompleted, toolFailed, toolCancelled], endTool)
  on(toolBlocked, (state, { payload: { toolCallId } }) =>
    toolCallId === null ? state : endTool(state, { payload: { toolCallId } }),
  )
})

function endTool(
  { turns, tools }: InFlight,
  { payload: { toolCallId } }: { readonly payload: { readonly toolCallId: ToolCallId } },
): InFlight {
  return withNone({ turns, tools: without(tools, toolCallId) })
}

/** A session at rest shares one object with all others at rest. */
function withNone(state: InFlight): InFlight {
  return state.turns.length === 0 && state.tools.length === 0 ? none : state
}
