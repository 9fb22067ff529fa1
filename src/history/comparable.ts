import type { Fact } from '../../slices/fact.js'
import { callAnswered, policyEvaluated, sessionReturned, type FactPayload } from '../../slices/facts.js'
import type { AnswerKind, AnswerOutcome, RecordedError } from '../../slices/rules/answers.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { isPlainObject, type Json } from '../../slices/rules/json.js'
import { mapHandoffs } from './handoffs.js'

/** What ids of one run stand for. */
export interface Names {
  /** By id. */
  readonly sessions: ReadonlyMap<string, string>
  /** The thread that is compared with one of another name. `null`: threads are what they are called. */
  readonly threadId: string | null
  readonly prices: PriceList
}

/** Numbers that the runtime hands out. They say when, not what. */
const NUMBERED = /^(session|orchestrator|turn|tool|request|sleep)-\d+$/

/** Fields with ids that the runtime hands out. In other fields is what users wrote, whatever it looks like. */
const IDS: ReadonlySet<string> = new Set([
  'sessionId',
  'targetSessionId',
  'orchestratorId',
  'turnId',
  'toolCallId',
  'callId',
  'requestId',
  'replaces',
])

/**
 * What happened, without when it did: ids have the name of what they stand for, or lose their number; prices are written out;
 * times, waits and counters are left out. What users wrote and what their functions returned stays as it is.
 */
export function comparable(fact: Fact, names: Names): unknown {
  const payload: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fact.payload as object)) {
    if (key !== 'waitedMs') payload[key] = comparableField(key, value, names)
  }
  if (policyEvaluated.match(fact)) payload['context'] = without(payload['context'], 'elapsedSeconds')
  if (callAnswered.match(fact)) Object.assign(payload, answerOf(fact.payload, names))
  if (callAnswered.match(fact) && isTime(fact.payload.kind)) delete payload['outcome']
  if (sessionReturned.match(fact)) payload['outcome'] = outcomeOf(fact.payload.outcome, names)
  return { type: fact.type, payload }
}

function comparableField(key: string, value: unknown, names: Names): unknown {
  switch (key) {
    case 'price':
      return priceOf(value, names)
    case 'admission':
      return without(value, 'generation')
    case 'route':
      return without(value, 'cursor')
    case 'threadId':
      return value !== null && value === names.threadId ? 'thread' : value
    case 'run':
      return runOf(value, names)
    case 'original':
      return withNames(value, names)
    default:
      return IDS.has(key) ? nameOf(value, names) : value
  }
}

/** What is answered with a time: what it is, or when to wake up. */
function isTime(kind: AnswerKind): boolean {
  return kind === 'now' || kind === 'sleep'
}

function answerOf({ kind, name, outcome }: FactPayload<typeof callAnswered>, names: Names) {
  const answered = outcomeOf(outcome, names)
  return {
    name: kind === 'sleep' ? nameOf(name, names) : name,
    outcome: kind === 'turn' ? turnOutcomeOf(answered, names) : answered,
  }
}

/** Handoffs go to a worker, whatever its number is and whenever they were made. */
function outcomeOf(outcome: AnswerOutcome, names: Names): AnswerOutcome {
  if (outcome.kind !== 'returned' || outcome.value === undefined) return outcome
  const value = mapHandoffs(outcome.value, (handoff) => {
    const { createdAt: _createdAt, ...kept } = handoff
    const { sourceSessionId, targetSessionId } = kept
    return {
      ...kept,
      sourceSessionId: nameOf(sourceSessionId, names),
      targetSessionId: nameOf(targetSessionId, names),
    }
  })
  return { ...outcome, value }
}

/** Around what a turn's function returned the runtime says which turn it was. */
function turnOutcomeOf(outcome: AnswerOutcome, names: Names): AnswerOutcome {
  switch (outcome.kind) {
    case 'returned':
      return outcome.value === undefined ? outcome : { ...outcome, value: withTurnName(outcome.value, names) }
    case 'threw':
      return { ...outcome, error: turnErrorOf(outcome.error, names) }
    case 'lost':
      return outcome
  }
}

/** Of a turn that was paid for, an error has the result. */
function turnErrorOf(error: RecordedError, names: Names): RecordedError {
  return error.result === undefined ? error : { ...error, result: withTurnName(error.result, names) }
}

function withTurnName(result: Json, names: Names): Json {
  if (!isPlainObject(result) || !('turnId' in result)) return result
  return { ...result, turnId: nameOf(result['turnId'], names) as Json }
}

/** A worker's function is known by the worker. */
function runOf(run: unknown, names: Names): unknown {
  if (typeof run !== 'string' || !run.startsWith('@')) return run
  return `@${String(nameOf(run.slice(1), names))}`
}

function withNames(value: unknown, names: Names): unknown {
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, id]) => [key, nameOf(id, names)]))
}

function nameOf(id: unknown, { sessions }: Names): unknown {
  return typeof id === 'string' ? (sessions.get(id) ?? NUMBERED.exec(id)?.[1] ?? id) : id
}

/** The same price may be at another position in another list. */
function priceOf(price: unknown, { prices }: Names): unknown {
  return typeof price === 'number' ? (prices.entries[price] ?? price) : price
}

function without(value: unknown, left: string): unknown {
  if (!isPlainObject(value)) return value
  const { [left]: _left, ...rest } = value
  return rest
}
