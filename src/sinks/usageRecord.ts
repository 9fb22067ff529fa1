import type { Fact } from '../../slices/fact.js'
import { costUsd, freeRates } from '../../slices/rules/prices.js'
import { selectSession } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { countsAsUsage, turnCallEnds, type TurnCallEnd } from '../../slices/usage.js'
import type { UsageRecord } from './sink.js'

/** What a fact says was used, if it says so. */
export function usageRecord(fact: Fact, state: RuntimeState): UsageRecord | undefined {
  const end = turnCallEnds.find((kind) => kind.match(fact)) && (fact as TurnCallEnd)
  if (!end || !countsAsUsage(end)) return undefined
  const { sessionId, turnId, model, price, usage } = end.payload
  const session = selectSession(state, sessionId)
  const rates = price === null ? undefined : state.pricing.entries[price]?.rates
  return {
    sessionId,
    turnId,
    role: session?.role ?? '',
    projectId: session?.projectId ?? null,
    model,
    usage,
    costUsd: costUsd(usage, rates ?? freeRates),
    priced: rates !== undefined,
    at: fact.meta.at,
  }
}
