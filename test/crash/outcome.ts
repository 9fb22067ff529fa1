import {
  facts as factTypes,
  selectorsOf,
  type Fact,
  type Json,
  type JsonObject,
  type RuntimeState,
} from '../../src/index.js'
import { selectActiveSessions, type Session } from '../../slices/sessions.js'
import { rows } from '../../slices/rules/table.js'

const { callAnswered, turnCompleted, turnFailed } = factTypes

/**
 * What must be the same in a run that was killed and in one that was not: what the functions got, in the order of each question, and
 * what the state says that follows from it. What kills add is left out:
 *
 * - times, numbers of facts and ids of sessions, turns and tool calls, which follow the order of events;
 * - turns that were cancelled because their process ended, tools that were interrupted, parking and resuming;
 * - turns that had ended in the log and whose answer was not there: they ran again, and both count;
 * - a tool call that was resolved by what the agent found out: it is answered, and not completed;
 * - tokens in the rate limit's buckets, and recoveries of turns that ran again.
 */
export function outcomeOf(state: RuntimeState, facts: readonly Fact[]) {
  const sessions = [...rows(state.sessions.rows)]
  return {
    unfinished: selectActiveSessions(state).length,
    breaker: { state: state.breakers['provider']?.state, failures: state.breakers['provider']?.failures },
    sessions: Object.fromEntries(
      sessions
        .map((session) => [`${session.threadId} ${session.role}`, sessionOutcome(state, session, facts)] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
  }
}

function sessionOutcome(state: RuntimeState, session: Session, facts: readonly Fact[]) {
  const { id, phase, lifecycle, gates, budget, governance, journal, inFlight, limits, turns } = session
  const { usage } = selectorsOf(state, 0).summary(id)
  const again = findAgain(id, facts)
  return {
    phase,
    status: lifecycle.status,
    detail: lifecycle.detail,
    refused: turns.refused + turns.blocked + turns.replayed,
    gate: gates.last,
    isOverBudget: budget.firstExceededAt !== null,
    reserved: budget.reserved,
    alerted: governance.alerted,
    limits,
    inFlight,
    journal: { count: journal.count, results: journal.results },
    handoff: session.handoff && { reason: session.handoff.reason, context: session.handoff.context },
    answers: answersOf(id, facts),
    policies: new Set(
      facts.filter(factTypes.policyEvaluated.match).map(({ payload }) => JSON.stringify(payload.actions)),
    ),
    usage: {
      turns: usage.turns - again.turns,
      inputTokens: usage.inputTokens - again.inputTokens,
      outputTokens: usage.outputTokens - again.outputTokens,
      costUsd: (usage.costUsd - (again.inputTokens * 3 + again.outputTokens * 15) / 1e6).toFixed(9),
      unpricedModels: usage.unpricedModels,
    },
  }
}

/** Turns that were completed and then run again because their answer was not in the log. */
export function findAgain(sessionId: string, facts: readonly Fact[]) {
  const ofSession = facts.filter(({ payload }) => (payload as { sessionId?: string }).sessionId === sessionId)
  const answered = new Set(ofSession.filter(callAnswered.match).map(({ payload }) => turnIdOf(payload.outcome)))
  const again = ofSession.filter(turnCompleted.match).filter(({ payload }) => !answered.has(payload.turnId))
  const total = { turns: again.length, inputTokens: 0, outputTokens: 0, failed: 0 }
  for (const { payload } of again) {
    total.inputTokens += payload.usage.inputTokens
    total.outputTokens += payload.usage.outputTokens
  }
  const thrown = ofSession
    .filter(callAnswered.match)
    .filter(({ payload: { kind, outcome } }) => kind === 'turn' && outcome.kind === 'threw')
  total.failed = ofSession.filter(turnFailed.match).length - thrown.length
  return total
}

/** By kind, name and what was given, in the order in which they were answered. */
function answersOf(sessionId: string, facts: readonly Fact[]): Readonly<Record<string, readonly Json[]>> {
  const answers: Record<string, Json[]> = {}
  for (const { payload } of facts.filter(callAnswered.match)) {
    if (payload.sessionId !== sessionId) continue
    const { kind, name, fingerprint, outcome } = payload
    // What a sleep is called and given follows from when it began.
    const question = kind === 'sleep' ? kind : `${kind} ${name} ${fingerprint}`
    ;(answers[question] ??= []).push(comparable(kind, outcome as unknown as Json))
  }
  return Object.fromEntries(Object.entries(answers).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function comparable(kind: string, outcome: Json): Json {
  if (kind === 'now' || kind === 'random' || kind === 'sleep') return null
  if (kind !== 'turn' && kind !== 'handoff') return outcome
  const { value = null, ...rest } = outcome as JsonObject
  return { ...rest, value: withoutIds(value) }
}

function withoutIds(value: Json): Json {
  const ids = ['turnId', 'sourceSessionId', 'targetSessionId', 'createdAt']
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !ids.includes(key)))
}

function turnIdOf(outcome: { readonly kind: string; readonly value?: Json }): unknown {
  return (outcome.value as { readonly turnId?: string } | undefined)?.turnId
}
