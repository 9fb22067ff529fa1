import { rateLimitsCharged, type SessionId } from '../slices/facts.js'
import {
  bucketsOf,
  chargeAll,
  longestWait,
  selectRateLimit,
  type RateLimit,
  type RateTokens,
  type RateWait,
} from '../slices/rateLimits.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { RateLimitExceededError, requestCharges, usageCharges, type Charge } from '../slices/rules/tokenBucket.js'
import { noUsage, type UsageSnapshot } from '../slices/rules/tokens.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { sleep, until } from './invoke.js'
import type { RateWaiter } from './rateQueues.js'

/** A call of a model that goes through a rate limit. */
export interface RatedCall {
  readonly sessionId: SessionId
  readonly config: OrchestratorConfig
  /** What it is expected to use at most. */
  readonly estimate: UsageSnapshot | null
}

/**
 * Takes what a call needs from the buckets of its rate limit, or waits until it is there, in the order of asking: one request,
 * and the tokens of its estimate. A call that is larger than a bucket goes when the bucket is full.
 *
 * @throws {RateLimitExceededError} The wait would be longer than the longest allowed. Nothing was taken.
 * @throws The reason of an abort while it waited. Nothing was taken.
 */
export function* reserveRate(context: Context, asking: RatedCall, call: RunningCall): Saga<void> {
  const { rateLimit: name, maxRateLimitWaitMs } = asking.config
  if (name === null) return
  const tokens = neededBy(asking)
  const now = context.clock.now()
  const { waiters } = context.rateQueues.of(name)
  const { bucket, waitMs } = inLine(limitOf(context, name), waiters, tokens, now)
  if (waitMs > maxRateLimitWaitMs) throw new RateLimitExceededError(bucket, tokens[bucket] ?? 0, waitMs)
  if (waitMs === 0 && waiters.length === 0) return record(context, asking, tokens)
  const refusal = yield* stand(context, name, asking, now + maxRateLimitWaitMs, call)
  if (refusal) throw refusal
  if (!call.aborted) return
  // In the same breath in which its turn came.
  releaseRate(context, asking)
  throw call.aborted.reason
}

/** Gives back what was reserved for a call that is not made. */
export function releaseRate(context: Context, asking: RatedCall): void {
  settle(context, asking, difference({}, neededBy(asking)))
}

/** Charges what a call used beyond its estimate, or gives back what it did not use. */
export function settleRate(context: Context, rated: RatedCall, used: UsageSnapshot): void {
  if (rated.config.rateLimit !== null) settle(context, rated, owedBy(rated, used))
}

/**
 * Waits until no bucket that a call overran is in debt. Its reply is paid for: neither a long wait nor
 * an abort takes it away. What is still owed then, the next call waits for.
 */
export function* waitOutDebt(context: Context, rated: RatedCall, used: UsageSnapshot, call: RunningCall): Saga<void> {
  const { rateLimit: name, maxRateLimitWaitMs } = rated.config
  if (name === null) return
  const owed = owedBy(rated, used)
  const limit = limitOf(context, name)
  const overrun = bucketsOf(limit).filter((bucket) => (owed[bucket] ?? 0) > 0)
  const indebted = Object.fromEntries(overrun.map((bucket) => [bucket, limit[bucket]]))
  const { waitMs: debtMs } = longestWait(indebted, {}, context.clock.now())
  if (debtMs > maxRateLimitWaitMs) return
  try {
    yield* sleep(context.clock, call, debtMs)
  } catch {
    // Aborted: the reply goes to its caller all the same.
  }
}

/** Waits in the queue. Answers with the error of a wait that has become too long. */
function* stand(
  context: Context,
  name: string,
  asking: RatedCall,
  deadline: number,
  call: RunningCall,
): Saga<RateLimitExceededError | undefined> {
  const tokens = neededBy(asking)
  const queue = context.rateQueues.of(name)
  return yield* until<RateLimitExceededError | undefined>(call, (resolve, reject) => {
    const waiter: RateWaiter = {
      tokens,
      deadline,
      waitMs: () => longestWait(limitOf(context, name), tokens, context.clock.now()).waitMs,
      // In a timer of the queue: what the log throws is for the one whose turn it is.
      serve: () => {
        try {
          record(context, asking, tokens)
          resolve(undefined)
        } catch (error) {
          reject(error)
        }
      },
      refuse: ({ bucket, waitMs }) => resolve(new RateLimitExceededError(bucket, tokens[bucket] ?? 0, waitMs)),
    }
    queue.add(waiter)
    return () => queue.remove(waiter)
  })
}

function settle(context: Context, rated: RatedCall, tokens: RateTokens): void {
  const { rateLimit: name } = rated.config
  if (name === null || Object.keys(tokens).length === 0) return
  record(context, rated, tokens)
  review(context, name)
}

function record(context: Context, { sessionId, config: { rateLimit: name } }: RatedCall, tokens: RateTokens): void {
  if (name === null) return
  const limit = limitOf(context, name)
  const charged = Object.fromEntries(bucketsOf(tokens).flatMap((key) => (limit[key] ? [[key, tokens[key]]] : [])))
  if (Object.keys(charged).length > 0) context.record(rateLimitsCharged({ sessionId, name, tokens: charged }))
}

/** What may wait in vain by rounding alone. */
const ROUNDING_MS = 1

/** The levels have changed: some may go now, and others would wait for longer than they may. */
function review(context: Context, name: string): void {
  const queue = context.rateQueues.of(name)
  const now = context.clock.now()
  let limit = limitOf(context, name)
  let at = now
  for (const waiter of [...queue.waiters]) {
    const { bucket, waitMs } = longestWait(limit, waiter.tokens, at)
    if (at + waitMs > waiter.deadline + ROUNDING_MS) waiter.refuse({ bucket, waitMs: at + waitMs - now })
    else limit = chargeAll(limit, waiter.tokens, (at += waitMs))
  }
  queue.serve()
}

/** How long somebody waits who comes now, behind those who came before. */
function inLine(limit: RateLimit, ahead: readonly RateWaiter[], tokens: RateTokens, now: number): RateWait {
  let at = now
  let left = limit
  for (const waiter of ahead) {
    at += longestWait(left, waiter.tokens, at).waitMs
    left = chargeAll(left, waiter.tokens, at)
  }
  const { bucket, waitMs } = longestWait(left, tokens, at)
  return { bucket, waitMs: at + waitMs - now }
}

function limitOf(context: Context, name: string): RateLimit {
  return selectRateLimit(context.state(), name) ?? {}
}

function neededBy({ estimate }: RatedCall): RateTokens {
  return totalOf([...requestCharges, ...usageCharges(estimate ?? noUsage)])
}

function owedBy({ estimate }: RatedCall, used: UsageSnapshot): RateTokens {
  return difference(totalOf(usageCharges(used)), totalOf(usageCharges(estimate ?? noUsage)))
}

function totalOf(charges: readonly Charge[]): RateTokens {
  return Object.fromEntries(charges.map(({ bucket, tokens }) => [bucket, tokens]))
}

function difference(used: RateTokens, reserved: RateTokens): RateTokens {
  const buckets = bucketsOf({ ...used, ...reserved })
  const owed = buckets.map((bucket) => [bucket, (used[bucket] ?? 0) - (reserved[bucket] ?? 0)] as const)
  return Object.fromEntries(owed.filter(([, tokens]) => tokens !== 0))
}
