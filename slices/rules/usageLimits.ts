import { PaidTurnError } from './errors.js'
import { formatCost, isAbove, roundUsd } from './prices.js'
import type { UsageSnapshot } from './tokens.js'

/** What a session may use in all. `null`: as much as it likes. Tokens read from or written to a cache count in cost alone. */
export interface UsageLimits {
  readonly maxInputTokens: number | null
  readonly maxOutputTokens: number | null
  /** Input and output together. */
  readonly maxTotalTokens: number | null
  /** Tool calls: those that the model asked for, as its usage says, or those that `runTool` made, whichever are more. */
  readonly maxToolCalls: number | null
  readonly maxCostUsd: number | null
}

export type UsageLimitName = 'request_tokens' | 'response_tokens' | 'total_tokens' | 'tool_calls' | 'cost_usd'

/** A limit that was overrun. Both numbers count tokens or calls; those of `cost_usd` are US dollars. */
export interface ExceededLimit {
  readonly limitName: UsageLimitName
  readonly observed: number
  readonly ceiling: number
}

/**
 * The session has used more than it may. When `called` is false that was so before the turn and the model was not called, or it is
 * about a tool call too many that was not made; when it is true this turn took the session over, and what it used is recorded.
 */
export class UsageLimitExceededError extends PaidTurnError implements ExceededLimit {
  override readonly name = 'UsageLimitExceededError'
  readonly code = 'usage_limit_exceeded'
  readonly limitName: UsageLimitName
  readonly observed: number
  readonly ceiling: number

  constructor(
    exceeded: ExceededLimit,
    readonly called: boolean,
  ) {
    super(`usage limit exceeded: ${describe(exceeded)}`)
    ;({ limitName: this.limitName, observed: this.observed, ceiling: this.ceiling } = exceeded)
  }
}

type Totals = Pick<UsageSnapshot, 'inputTokens' | 'outputTokens' | 'toolCalls'>

/** The first limit that the totals of a session are above. Reaching a limit is not exceeding it. */
export function findExceededLimit(limits: UsageLimits, usage: Totals, costUsd: number): ExceededLimit | undefined {
  const { inputTokens, outputTokens, toolCalls } = usage
  return (
    counted('request_tokens', inputTokens, limits.maxInputTokens) ??
    counted('response_tokens', outputTokens, limits.maxOutputTokens) ??
    counted('total_tokens', inputTokens + outputTokens, limits.maxTotalTokens) ??
    counted('tool_calls', toolCalls, limits.maxToolCalls) ??
    (limits.maxCostUsd !== null && isAbove(costUsd, limits.maxCostUsd)
      ? { limitName: 'cost_usd', observed: roundUsd(costUsd), ceiling: limits.maxCostUsd }
      : undefined)
  )
}

function counted(limitName: UsageLimitName, observed: number, ceiling: number | null): ExceededLimit | undefined {
  return ceiling !== null && observed > ceiling ? { limitName, observed, ceiling } : undefined
}

function describe({ limitName, observed, ceiling }: ExceededLimit): string {
  if (limitName !== 'cost_usd') return `${limitName} ${observed} > ${ceiling}`
  return `${limitName} ${formatCost(observed)} > ${formatCost(ceiling)}`
}
