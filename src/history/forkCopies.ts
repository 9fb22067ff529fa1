import type { Fact } from '../../slices/fact.js'
import { callAnswered, sessionReturned, turnReplayed, type FactPayload, type SessionId } from '../../slices/facts.js'
import type { AnswerOutcome } from '../../slices/rules/answers.js'
import { isPlainObject, type Json } from '../../slices/rules/json.js'
import { selectSession } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { ForkIds, type ForkedSession } from './forkIds.js'
import { mapHandoffs } from './handoffs.js'

export interface CopyOptions {
  /** The thread of the copies. */
  readonly as: string
  /** Unix ms. When the last of them happens. */
  readonly now: number
  /** The state after the last fact to copy. */
  readonly cut: RuntimeState
  /** The state that the copies follow. */
  readonly end: RuntimeState
}

/** Facts of a thread as facts of another one, without the calls that were in flight at the last of them. */
export function copyFacts(
  facts: readonly Fact[],
  { as, now, cut, end }: CopyOptions,
): { readonly facts: readonly Fact[]; readonly sessions: readonly ForkedSession[] } {
  const ended = facts.filter((fact) => !isInFlight(cut, fact))
  const shiftMs = now - (ended.at(-1)?.meta.at ?? now)
  const ids = new ForkIds(end.sessions.count)
  const copies = ended.map((fact, index): Fact => {
    const { seq: origin, at, v } = fact.meta
    ids.register(fact)
    return {
      type: fact.type,
      payload: copyPayload(fact, as, ids, shiftMs),
      meta: { seq: end.seq + 1 + index, at: at + shiftMs, stream: as, v, origin },
    }
  })
  return { facts: copies, sessions: ids.sessions }
}

interface AboutCall {
  readonly sessionId: SessionId
  readonly turnId?: string | null
  readonly toolCallId?: string | null
  readonly callId?: string
  readonly requestId?: string
}

/** Whether a fact is about a call that nobody knew the outcome of, or a question that nobody had answered. */
function isInFlight(cut: RuntimeState, fact: Fact): boolean {
  const { sessionId, turnId, toolCallId, callId, requestId } = fact.payload as AboutCall
  const id = turnId ?? toolCallId ?? callId ?? requestId
  const session = id === undefined ? undefined : selectSession(cut, sessionId)
  if (!session) return false
  const { inFlight, requests } = session
  return (
    inFlight.turns.some((turn) => turn.turnId === id) ||
    inFlight.tools.some((tool) => tool.toolCallId === id) ||
    requests.pending.some((request) => request.requestId === id)
  )
}

function copyPayload(fact: Fact, as: string, ids: ForkIds, shiftMs: number): unknown {
  const copy = ids.rename(fact.payload as AboutCall)
  if ('threadId' in copy) copy['threadId'] = as
  if (turnReplayed.match(fact)) copy['original'] = ids.rename(fact.payload.original)
  if (callAnswered.match(fact)) copy['outcome'] = copyAnswer(fact.payload, ids, shiftMs)
  if (sessionReturned.match(fact)) copy['outcome'] = copyOutcome(fact.payload.outcome, ids, shiftMs)
  return copy
}

/** A turn that a session's function got names what was copied under another number. */
function copyAnswer(
  { sessionId, kind, outcome }: FactPayload<typeof callAnswered>,
  ids: ForkIds,
  shiftMs: number,
): AnswerOutcome {
  const copy = copyOutcome(outcome, ids, shiftMs)
  if (kind !== 'turn' || copy.kind !== 'returned' || !isPlainObject(copy.value)) return copy
  const { replayed, turnId } = copy.value as Readonly<Record<string, Json>>
  if (replayed !== false || typeof turnId !== 'string') return copy
  return { ...copy, value: { ...copy.value, turnId: ids.call(sessionId, turnId) } }
}

/** Handoffs are those to the workers that were copied. */
function copyOutcome(outcome: AnswerOutcome, ids: ForkIds, shiftMs: number): AnswerOutcome {
  if (outcome.kind !== 'returned' || outcome.value === undefined) return outcome
  const value = mapHandoffs(outcome.value, (handoff) => {
    if (!ids.has(handoff.targetSessionId)) return handoff
    return { ...handoff, ...ids.rename(handoff), createdAt: handoff.createdAt + shiftMs }
  })
  return { ...outcome, value }
}
