import { roundUsd, type PriceList } from '../../slices/rules/prices.js'
import type { Tools } from '../../slices/tools.js'
import type { Turns } from '../../slices/turns.js'
import { summarizeUsage, type Usage } from '../../slices/usage.js'
import { compact, type Readable } from './compact.js'

interface Worked {
  readonly turns: Turns
  readonly tools: Tools
}

/** How the turns and tools of a session, a thread or a project went, and what they used and cost. */
export function readableWork({ turns, tools }: Worked, usage: Usage, prices: PriceList): Readable {
  const { recentCalls: _, ...calls } = tools
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, ...used } = summarizeUsage(usage, prices)
  return {
    turns: compact(turns),
    tools: compact(calls),
    tokens: compact({
      input: inputTokens,
      output: outputTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
    }),
    costUsd: used.costUsd,
    costByModel: Object.fromEntries(used.models.map(({ model, costUsd }) => [model, roundUsd(costUsd)])),
    unpricedModels: used.unpricedModels,
  }
}
