import { BudgetExceededError, reservedUsd, UnpricedModelError } from './budgets.js'
import { selectLimits } from './limits.js'
import type { Orchestrators } from './orchestrators.js'
import type { OrchestratorConfig } from './rules/orchestratorConfig.js'
import { isAbove, roundUsd, type PriceId, type PriceList } from './rules/prices.js'
import { findExceededLimit, UsageLimitExceededError } from './rules/usageLimits.js'
import { sessionCostUsd, usageOf, type Session } from './sessions.js'
import { toolsMade } from './tools.js'
import { MaxIterationsExceededError } from './turns.js'
import { sumUsage } from './usage.js'

/** A session that was opened. */
export interface OpenedSession extends Session {
  readonly orchestratorId: string
}

/** A call of a model that asks to be made. */
export interface AskedTurn {
  readonly session: OpenedSession
  readonly config: OrchestratorConfig
  readonly model: string | null
  readonly price: PriceId
  /** What it is expected to cost at most, in US dollars. 0: nobody said. */
  readonly estimatedUsd: number
}

export type CapRefusal = MaxIterationsExceededError | UnpricedModelError | BudgetExceededError | UsageLimitExceededError

interface WithCaps {
  readonly orchestrators: Orchestrators
  readonly pricing: PriceList
}

/** Why the caps of its session do not allow a turn. They are asked in this order: iterations, price, budget, usage limits. */
export function findCapRefusal(state: WithCaps, turn: AskedTurn): CapRefusal | undefined {
  return (
    findExhaustedIterations(state, turn.session) ??
    (turn.price === null && turn.config.unpricedModels === 'refuse' ? new UnpricedModelError(turn.model) : undefined) ??
    findOverspent(state, turn)
  )
}

export function findExhaustedIterations(
  state: WithCaps,
  session: OpenedSession,
): MaxIterationsExceededError | undefined {
  const { maxIterations } = selectLimits(state, session)
  if (maxIterations === null || session.turns.iterations < maxIterations) return undefined
  return new MaxIterationsExceededError(maxIterations)
}

/** What one more call may not be paid from. */
export function findOverspent(
  state: WithCaps,
  { session, config, estimatedUsd }: Pick<AskedTurn, 'session' | 'config' | 'estimatedUsd'>,
): BudgetExceededError | UsageLimitExceededError | undefined {
  const { budgetUsd } = selectLimits(state, session)
  if (config.enforceBudget && budgetUsd !== null) {
    const spentUsd = sessionCostUsd(session, state.pricing)
    const promisedUsd = reservedUsd(session.budget) + estimatedUsd
    if (isAbove(spentUsd + promisedUsd, budgetUsd)) {
      return new BudgetExceededError(budgetUsd, roundUsd(spentUsd), false, roundUsd(promisedUsd))
    }
  }
  return findUsageOverrun(state, session, false)
}

/** What the calls that were made took a session over. */
export function findOverrun(
  state: WithCaps,
  session: OpenedSession,
  { enforceBudget }: Pick<OrchestratorConfig, 'enforceBudget'>,
): BudgetExceededError | UsageLimitExceededError | undefined {
  const { budgetUsd } = selectLimits(state, session)
  const spentUsd = sessionCostUsd(session, state.pricing)
  if (enforceBudget && budgetUsd !== null && isAbove(spentUsd, budgetUsd)) {
    return new BudgetExceededError(budgetUsd, roundUsd(spentUsd), true)
  }
  return findUsageOverrun(state, session, true)
}

/** @param called - Whether it was a call that took the session over. */
function findUsageOverrun(
  state: WithCaps,
  session: OpenedSession,
  called: boolean,
): UsageLimitExceededError | undefined {
  const { usageLimits } = selectLimits(state, session)
  if (!usageLimits) return undefined
  const exceeded = findExceededLimit(usageLimits, limitedUsage(session), sessionCostUsd(session, state.pricing))
  return exceeded && new UsageLimitExceededError(exceeded, called)
}

/** Why the usage limits of its session do not allow one more tool call. */
export function findToolOverrun(state: WithCaps, session: OpenedSession): UsageLimitExceededError | undefined {
  const ceiling = selectLimits(state, session).usageLimits?.maxToolCalls ?? null
  if (ceiling === null) return undefined
  const observed = Math.max(limitedUsage(session).toolCalls, toolsMade(session.tools) + 1)
  return observed > ceiling
    ? new UsageLimitExceededError({ limitName: 'tool_calls', observed, ceiling }, false)
    : undefined
}

/** What one session used, as its usage limits count it: tool calls that the model asked for, or those made if they are more. */
export function limitedUsage(session: Session): Parameters<typeof findExceededLimit>[1] {
  const { inputTokens, outputTokens, toolCalls } = sumUsage(usageOf(session))
  return { inputTokens, outputTokens, toolCalls: Math.max(toolCalls, toolsMade(session.tools)) }
}
