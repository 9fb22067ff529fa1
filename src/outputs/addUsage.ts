import type { UsageSnapshot } from '../../slices/rules/tokens.js'

/**
 * What two turns used together. Its cache lifetime is that of the turns that wrote to a cache; `null` when they wrote for
 * different ones.
 */
export function addUsage(first: UsageSnapshot, second: UsageSnapshot): UsageSnapshot {
  return {
    inputTokens: first.inputTokens + second.inputTokens,
    outputTokens: first.outputTokens + second.outputTokens,
    cacheWriteTokens: first.cacheWriteTokens + second.cacheWriteTokens,
    cacheReadTokens: first.cacheReadTokens + second.cacheReadTokens,
    cacheTtl: commonTtl(first, second),
    toolCalls: first.toolCalls + second.toolCalls,
  }
}

function commonTtl(first: UsageSnapshot, second: UsageSnapshot): string | null {
  if (first.cacheWriteTokens === 0) return second.cacheTtl
  if (second.cacheWriteTokens === 0 || first.cacheTtl === second.cacheTtl) return first.cacheTtl
  return null
}
