import { selectBreaker } from '../slices/breakers.js'
import { BudgetExceededError, reservedUsd, UnpricedModelError } from '../slices/budgets.js'
import { turnRefused, type FactPayload, type SessionId } from '../slices/facts.js'
import { selectLimits } from '../slices/limits.js'
import { admission, CircuitOpenError, recoversAt, type Admission } from '../slices/rules/breaker.js'
import { InvalidArgumentError, type AgentRuntimeError } from '../slices/rules/errors.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { costUsd, findPrice, isAbove, roundUsd, type PriceId } from '../slices/rules/prices.js'
import type { UsageSnapshot } from '../slices/rules/tokens.js'
import { findExceededLimit, UsageLimitExceededError } from '../slices/rules/usageLimits.js'
import { sessionCostUsd, usageOf, type Session } from '../slices/sessions.js'
import { MaxIterationsExceededError } from '../slices/turns.js'
import { sumUsage } from '../slices/usage.js'
import type { Context } from './context.js'
import { requireActive, type ActiveSession } from './session.js'

/** A turn that asks to be run. */
export interface Candidate {
  readonly sessionId: SessionId
  readonly config: OrchestratorConfig
  readonly model: string | null
  /** What it is expected to use at most. */
  readonly estimate: UsageSnapshot | null
}

export type RefusalReason = FactPayload<typeof turnRefused>['reason']

export function refuseTurn(context: Context, { sessionId, model }: Candidate, reason: RefusalReason): void {
  context.record(turnRefused({ sessionId, model, reason }))
}

/**
 * Refuses a turn that the caps of its session do not allow. The checks, in this order: iterations, price, budget, usage limits.
 *
 * @throws {MaxIterationsExceededError | UnpricedModelError | BudgetExceededError | UsageLimitExceededError} It is recorded.
 */
export function checkCaps(context: Context, candidate: Candidate, price: PriceId): void {
  const error = findRefusal(context, candidate, price)
  if (!error) return
  refuseTurn(context, candidate, error.code)
  throw error
}

/** How the circuit breaker lets a call through, or the error with which it does not. `null`: there is none. */
export function passBreaker(
  context: Context,
  { breaker: name }: OrchestratorConfig,
): { readonly admission: Admission | null; readonly error?: CircuitOpenError } {
  const breaker = name === null ? undefined : selectBreaker(context.state(), name)
  const admitted = breaker ? admission(breaker, context.clock.now()) : null
  if (!breaker || admitted) return { admission: admitted ?? null }
  const opensAt = breaker.state === 'open' ? recoversAt(breaker) : null
  return { admission: null, error: new CircuitOpenError(breaker.name, opensAt) }
}

/** US dollars that a turn is expected to cost at most. 0: nobody said. */
export function estimateUsd(context: Context, estimate: UsageSnapshot | null, price: PriceId): number {
  const rates = price === null ? undefined : context.state().pricing.entries[price]?.rates
  return estimate && rates ? costUsd(estimate, rates) : 0
}

/** @param asked - `null`: the orchestrator's. */
export function modelOf(
  asked: string | ((provider: string | null) => string) | null,
  orchestrators: string | null,
  provider: string | null,
): string | null {
  if (typeof asked !== 'function') return asked ?? orchestrators
  // What JavaScript callers return may be anything.
  const named: unknown = asked(provider)
  if (typeof named === 'string' && named.trim() !== '') return named.trim()
  throw new InvalidArgumentError('model()', named, 'a non-blank string')
}

export function priceOf(context: Context, model: string | null): PriceId {
  return model === null ? null : findPrice(context.state().pricing, model)
}

/** What one session used, as its usage limits count it: tool calls that the model asked for, or those made if they are more. */
export function limitedUsage(session: Session): Parameters<typeof findExceededLimit>[1] {
  const { inputTokens, outputTokens, toolCalls } = sumUsage(usageOf(session))
  return { inputTokens, outputTokens, toolCalls: Math.max(toolCalls, session.tools.started) }
}

/**
 * Refuses a tool call beyond the usage limit.
 *
 * @param refuse - Records that it is not made.
 * @throws {UsageLimitExceededError}
 */
export function checkToolCap(context: Context, sessionId: SessionId, refuse: () => void): void {
  const session = requireActive(context, sessionId)
  const ceiling = selectLimits(context.state(), session).usageLimits?.maxToolCalls ?? null
  if (ceiling === null) return
  const observed = Math.max(limitedUsage(session).toolCalls, session.tools.started + 1)
  if (observed <= ceiling) return
  refuse()
  throw new UsageLimitExceededError({ limitName: 'tool_calls', observed, ceiling }, false)
}

type Refusal = AgentRuntimeError & { readonly code: RefusalReason }

function findRefusal(context: Context, candidate: Candidate, price: PriceId): Refusal | undefined {
  const session = requireActive(context, candidate.sessionId)
  const tooMany = findExhaustedIterations(context, session)
  if (tooMany) return tooMany
  const { config, model } = candidate
  if (price === null && config.unpricedModels === 'refuse') return new UnpricedModelError(model)
  return findOverspent(context, candidate, price)
}

export function findExhaustedIterations(
  context: Context,
  session: ActiveSession,
): MaxIterationsExceededError | undefined {
  const { maxIterations } = selectLimits(context.state(), session)
  if (maxIterations === null || session.turns.iterations < maxIterations) return undefined
  return new MaxIterationsExceededError(maxIterations)
}

/** What one more call may not be paid from. */
export function findOverspent(
  context: Context,
  { sessionId, config, estimate }: Candidate,
  price: PriceId,
): BudgetExceededError | UsageLimitExceededError | undefined {
  const session = requireActive(context, sessionId)
  const { budgetUsd, usageLimits } = selectLimits(context.state(), session)
  if (config.enforceBudget && budgetUsd !== null) {
    const spentUsd = sessionCostUsd(session, context.state().pricing)
    const promisedUsd = reservedUsd(session.budget) + estimateUsd(context, estimate, price)
    if (isAbove(spentUsd + promisedUsd, budgetUsd)) {
      return new BudgetExceededError(budgetUsd, roundUsd(spentUsd), false, roundUsd(promisedUsd))
    }
  }
  return usageLimits ? findUsageRefusal(context, session, usageLimits) : undefined
}

function findUsageRefusal(
  context: Context,
  session: ActiveSession,
  limits: NonNullable<OrchestratorConfig['usageLimits']>,
): UsageLimitExceededError | undefined {
  const exceeded = findExceededLimit(limits, limitedUsage(session), sessionCostUsd(session, context.state().pricing))
  return exceeded && new UsageLimitExceededError(exceeded, false)
}
