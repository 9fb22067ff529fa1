import { formatCost } from '../../slices/rules/prices.js'
import type { ModelUsage } from '../../slices/usage.js'
import type { CliContext } from './context.js'

const COLUMNS = [
  { title: 'model' },
  { title: 'turns', align: 'right' },
  { title: 'in', align: 'right' },
  { title: 'cache read', align: 'right' },
  { title: 'cache write', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'cost', align: 'right' },
] as const

/** What was used, by model. Nothing when nothing was. */
export async function modelTable(context: CliContext, models: readonly ModelUsage[]): Promise<void> {
  if (models.length === 0) return
  await context.line()
  await context.table(COLUMNS, models.map(modelCells))
}

function modelCells(used: ModelUsage) {
  const { model, turns, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, costUsd, pricedAs } = used
  const cost = pricedAs.length === 0 ? 'no price' : formatCost(costUsd)
  return [model, turns, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, cost]
}
