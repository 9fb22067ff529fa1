import type { Fact } from '../../slices/fact.js'
import { callAnswered, policyEvaluated } from '../../slices/facts.js'
import type { AnswerKind } from '../../slices/rules/answers.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { isPlainObject } from '../../slices/rules/json.js'
import { isHandoff } from './handoffs.js'

/** What ids of one run stand for. */
export interface Names {
  /** Of sessions and threads. */
  readonly byId: ReadonlyMap<string, string>
  readonly prices: PriceList
}

/** Numbers that the runtime hands out. They say when, not what. */
const NUMBERED = /^(@?session|orchestrator|turn|tool|request|sleep)-\d+$/

/**
 * What happened, without when it did: ids have the name of what they stand for, or lose their number; prices are written out;
 * times, waits and counters are left out.
 */
export function comparable(fact: Fact, names: Names): unknown {
  const payload: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fact.payload as object)) {
    if (key === 'waitedMs') continue
    if (key === 'price') payload[key] = priceOf(value, names)
    else if (key === 'admission') payload[key] = without(value, 'generation')
    else if (key === 'route') payload[key] = without(value, 'cursor')
    else payload[key] = rename(value, names)
  }
  if (policyEvaluated.match(fact)) payload['context'] = without(payload['context'], 'elapsedSeconds')
  if (callAnswered.match(fact) && isTime(fact.payload.kind)) delete payload['outcome']
  return { type: fact.type, payload }
}

/** What is answered with a time: what it is, or when to wake up. */
function isTime(kind: AnswerKind): boolean {
  return kind === 'now' || kind === 'sleep'
}

function rename(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return names.byId.get(value) ?? NUMBERED.exec(value)?.[1] ?? value
  if (Array.isArray(value)) return value.map((item) => rename(item, names))
  if (!isPlainObject(value)) return value
  const kept = isHandoff(value) ? without(value, 'createdAt') : value
  return Object.fromEntries(Object.entries(kept as object).map(([key, item]) => [key, rename(item, names)]))
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
