import type { PriceList } from './rules/prices.js'
import { getRow } from './rules/table.js'
import { emptyScope, type Scopes } from './scopes.js'
import { summarizeUsage, type Usage, type UsageSummary } from './usage.js'

interface WithTotals {
  readonly pricing: PriceList
  readonly sessions: { readonly scopes: Scopes }
}

/** What all sessions used, evicted ones included; or those of one project. */
export function selectTotals(state: WithTotals, projectId?: number): UsageSummary {
  return summarizeUsage(selectTotalUsage(state, projectId), state.pricing)
}

/** What the totals are made of: the same object until more is used. */
export function selectTotalUsage({ sessions }: Pick<WithTotals, 'sessions'>, projectId?: number): Usage {
  const { runtime, projects } = sessions.scopes
  return (projectId === undefined ? runtime : (getRow(projects, projectId) ?? emptyScope)).usage
}
