import { roundUsd } from '../../../slices/rules/prices.js'
import { totalCostUsd, type Usage } from '../../../slices/usage.js'
import { addPaid } from '../../transcript/paid.js'
import { countUntil } from './countUntil.js'
import type { Run } from './run.js'
import type { CostSeries } from './spending.js'

/** What sessions paid, over time. With no ids, all of them. */
export function costOf(run: Run, sessionIds?: readonly string[]): CostSeries {
  if (sessionIds === undefined) return run.cost
  const chosen = new Set(sessionIds)
  const seq: number[] = []
  const at: number[] = []
  const usd: number[] = []
  const sessionId: string[] = []
  let paid: Usage = []
  for (const [index, factSeq] of run.cost.seq.entries()) {
    const id = run.cost.sessionId[index] ?? ''
    const fact = run.factAt(factSeq)
    if (!fact || !chosen.has(id)) continue
    paid = addPaid(paid, fact)
    seq.push(factSeq)
    at.push(fact.meta.at)
    usd.push(roundUsd(totalCostUsd(paid, run.last.pricing)))
    sessionId.push(id)
  }
  return { seq, at, usd, sessionId }
}

/** What was paid until a fact, in US dollars. */
export function costUntil({ seq, usd }: CostSeries, until: number): number {
  return usd[countUntil(seq, until) - 1] ?? 0
}
