import { facts, type Fact } from 'redux-agent-runtime'
import { createFactReducer } from './agentFacts.js'

/** A turn or a tool call. */
export interface Call {
  readonly id: string
  readonly sessionId: string
  readonly kind: 'turn' | 'tool'
  /** The model, or the tool. */
  readonly name: string
  /** Unix ms. */
  readonly startedAt: number
  /** Unix ms. `null`: it has not ended. */
  readonly endedAt: number | null
  readonly outcome: 'running' | 'completed' | 'failed' | 'cancelled' | 'refused' | 'interrupted'
  readonly tokens: number
}

/** As many as the page shows. */
const KEPT = 200

const TURN_ENDS = [
  [facts.turnCompleted, 'completed'],
  [facts.turnFailed, 'failed'],
  [facts.turnCancelled, 'cancelled'],
] as const

const TOOL_ENDS = [
  [facts.toolCompleted, 'completed'],
  [facts.toolFailed, 'failed'],
  [facts.toolCancelled, 'cancelled'],
  [facts.toolInterrupted, 'interrupted'],
] as const

/** The calls of all agents, oldest first: a slice of this app, and a function of the agents' facts. */
export const timeline = createFactReducer<readonly Call[]>([], (calls, fact) => {
  const added = startedBy(fact)
  return added ? [...calls, added].slice(-KEPT) : endedBy(calls, fact)
})

function startedBy(fact: Fact): Call | undefined {
  const { at: startedAt, seq } = fact.meta
  const running = { startedAt, endedAt: null, outcome: 'running', tokens: 0 } as const
  if (facts.turnStarted.match(fact)) {
    const { sessionId, turnId, model } = fact.payload
    return { id: `${sessionId}/${turnId}`, sessionId, kind: 'turn', name: model ?? 'a model', ...running }
  }
  if (facts.toolStarted.match(fact)) {
    const { sessionId, toolCallId, tool: name } = fact.payload
    return { id: `${sessionId}/${toolCallId}`, sessionId, kind: 'tool', name, ...running }
  }
  if (facts.turnRefused.match(fact)) {
    const { sessionId, model, reason } = fact.payload
    const name = `${model ?? 'a model'}, ${reason}`
    return { ...running, id: `refused-${seq}`, sessionId, kind: 'turn', name, endedAt: startedAt, outcome: 'refused' }
  }
  return undefined
}

function endedBy(calls: readonly Call[], fact: Fact): readonly Call[] {
  for (const [kind, outcome] of TURN_ENDS) {
    if (!kind.match(fact)) continue
    const { sessionId, turnId, usage } = fact.payload
    const isInterrupted = facts.turnCancelled.match(fact) && fact.payload.by === 'process_ended'
    return ended(calls, `${sessionId}/${turnId}`, {
      ...{ outcome: isInterrupted ? 'interrupted' : outcome, endedAt: fact.meta.at },
      tokens: usage.inputTokens + usage.outputTokens,
    })
  }
  for (const [kind, outcome] of TOOL_ENDS) {
    if (!kind.match(fact)) continue
    const { sessionId, toolCallId } = fact.payload
    return ended(calls, `${sessionId}/${toolCallId}`, { outcome, endedAt: fact.meta.at })
  }
  return calls
}

function ended(calls: readonly Call[], id: string, end: Partial<Call>): readonly Call[] {
  return calls.map((call) => (call.id === id ? { ...call, ...end } : call))
}
