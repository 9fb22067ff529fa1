import type { Fact } from '../../slices/fact.js'
import type { TurnEnded } from '../../slices/facts.js'
import { turnAttemptFailed } from '../../slices/facts.js'
import { costUsd, roundUsd, type PriceList } from '../../slices/rules/prices.js'
import { hasUsage } from '../../slices/rules/tokens.js'
import { addUsage, countsAsUsage, turnCallEnds, type TurnCallEnd, type Usage } from '../../slices/usage.js'

/** A call of a turn's function that ended, and was not copied from another thread. */
export function isPaidCall(fact: Fact): fact is TurnCallEnd {
  return fact.meta.origin === undefined && turnCallEnds.some((kind) => kind.match(fact))
}

/** Usage with that of one more fact, if it is a call that was paid for. */
export function addPaid(usage: Usage, fact: Fact): Usage {
  if (!isPaidCall(fact) || !countsAsUsage(fact)) return usage
  return addUsage(usage, fact.payload, turnAttemptFailed.match(fact) ? 0 : 1)
}

/** US dollars for one call. `null`: no price was known. */
export function callCostUsd({ price, usage }: Pick<TurnEnded, 'price' | 'usage'>, prices: PriceList): number | null {
  const rates = price === null ? undefined : prices.entries[price]?.rates
  if (rates) return roundUsd(costUsd(usage, rates))
  return hasUsage(usage) ? null : 0
}
