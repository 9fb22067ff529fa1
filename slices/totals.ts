import type { PriceList } from './rules/prices.js'
import { getRow } from './rules/table.js'
import { emptyScope, type Scopes } from './scopes.js'
import { summarizeUsage, type UsageSummary } from './usage.js'

interface WithTotals {
  readonly pricing: PriceList
  readonly sessions: { readonly scopes: Scopes }
}

/** What all sessions used, evicted ones included; or those of one project. */
export function selectTotals({ pricing, sessions }: WithTotals, projectId?: number): UsageSummary {
  const { runtime, projects } = sessions.scopes
  const { usage } = projectId === undefined ? runtime : (getRow(projects, projectId) ?? emptyScope)
  return summarizeUsage(usage, pricing)
}
