import {
  findCapRefusal,
  findExhaustedIterations as findExhausted,
  findOverspent as findUnpayable,
  findToolOverrun,
  type AskedTurn,
} from '../slices/admission.js'
import { selectBreaker } from '../slices/breakers.js'
import { turnRefused, type FactPayload, type SessionId } from '../slices/facts.js'
import { admission, CircuitOpenError, recoversAt, type Admission } from '../slices/rules/breaker.js'
import { InvalidArgumentError } from '../slices/rules/errors.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { costUsd, findPrice, type PriceId } from '../slices/rules/prices.js'
import type { UsageSnapshot } from '../slices/rules/tokens.js'
import type { Context } from './context.js'
import { requireActive, type ActiveSession } from './session.js'

export { limitedUsage } from '../slices/admission.js'

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
  const error = findCapRefusal(context.state(), askedTurn(context, candidate, price))
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

/**
 * Refuses a tool call beyond the usage limit.
 *
 * @param refuse - Records that it is not made.
 * @throws {UsageLimitExceededError}
 */
export function checkToolCap(context: Context, sessionId: SessionId, refuse: () => void): void {
  const error = findToolOverrun(context.state(), requireActive(context, sessionId))
  if (!error) return
  refuse()
  throw error
}

export function findExhaustedIterations(context: Context, session: ActiveSession): ReturnType<typeof findExhausted> {
  return findExhausted(context.state(), session)
}

/** What one more call may not be paid from. */
export function findOverspent(
  context: Context,
  candidate: Candidate,
  price: PriceId,
): ReturnType<typeof findUnpayable> {
  return findUnpayable(context.state(), askedTurn(context, candidate, price))
}

function askedTurn(context: Context, { sessionId, config, model, estimate }: Candidate, price: PriceId): AskedTurn {
  const session = requireActive(context, sessionId)
  return { session, config, model, price, estimatedUsd: estimateUsd(context, estimate, price) }
}
