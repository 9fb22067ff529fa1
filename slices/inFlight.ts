import {
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolInterrupted,
  toolStarted,
  turnAttemptFailed,
  turnCancelled,
  turnCompleted,
  turnFailed,
  turnRetried,
  turnStarted,
  type FactPayload,
  type ToolCallId,
  type TurnId,
} from './facts.js'
import type { Admission } from './rules/breaker.js'
import { defineSlice } from './slice.js'

/** Calls of one session that have begun and not ended. */
export interface InFlight {
  readonly turns: readonly TurnInFlight[]
  readonly tools: readonly ToolInFlight[]
}

/** Enough to say how it ended when its process cannot. */
interface TurnInFlight {
  readonly turnId: TurnId
  readonly model: string | null
  /** Of its call that runs. `null` as well when none does. */
  readonly admission: Admission | null
}

type ToolInFlight = Pick<FactPayload<typeof toolStarted>, 'toolCallId' | 'tool' | 'fingerprint' | 'idempotent'>

const none: InFlight = { turns: [], tools: [] }

export const inFlight = defineSlice<InFlight>(none, (on) => {
  on(turnStarted, ({ turns, tools }, { payload: { turnId, model, admission } }) => ({
    turns: [...turns, { turnId, model, admission }],
    tools,
  }))
  on(turnRetried, (state, { payload: { turnId, model, admission } }) => changed(state, { turnId, model, admission }))
  on(turnAttemptFailed, (state, { payload: { turnId, model } }) => changed(state, { turnId, model, admission: null }))
  on([turnCompleted, turnFailed, turnCancelled], ({ turns, tools }, { payload: { turnId } }) =>
    withNone({ turns: turns.length === 1 ? none.turns : turns.filter((turn) => turn.turnId !== turnId), tools }),
  )
  on(toolStarted, ({ turns, tools }, { payload: { toolCallId, tool, fingerprint, idempotent } }) => ({
    turns,
    tools: [...tools, { toolCallId, tool, fingerprint, idempotent }],
  }))
  on([toolCompleted, toolFailed, toolCancelled], endTool)
  on(toolInterrupted, endTool)
  on(toolBlocked, (state, { payload: { toolCallId } }) =>
    toolCallId === null ? state : endTool(state, { payload: { toolCallId } }),
  )
})

export function isToolInFlight({ tools }: InFlight, toolCallId: ToolCallId): boolean {
  return tools.some((call) => call.toolCallId === toolCallId)
}

function changed({ turns, tools }: InFlight, turn: TurnInFlight): InFlight {
  return { turns: turns.map((other) => (other.turnId === turn.turnId ? turn : other)), tools }
}

function endTool(
  { turns, tools }: InFlight,
  { payload: { toolCallId } }: { readonly payload: { readonly toolCallId: ToolCallId } },
): InFlight {
  return withNone({ turns, tools: tools.filter((call) => call.toolCallId !== toolCallId) })
}

/** A session at rest shares one object with all others at rest. */
function withNone(state: InFlight): InFlight {
  return state.turns.length === 0 && state.tools.length === 0 ? none : state
}
