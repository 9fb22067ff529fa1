import { rateLimitsCharged } from '../slices/facts.js'
import { selectRateLimit, type RateLimit } from '../slices/rateLimits.js'
import {
  charge,
  RateLimitExceededError,
  requestCharges,
  usageCharges,
  waitMs,
  type Charge,
  type RateLimitBucket,
} from '../slices/rules/tokenBucket.js'
import { noUsage, type UsageSnapshot } from '../slices/rules/tokens.js'
import type { Candidate } from './admission.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { sleep, until } from './invoke.js'
import type { RateWaiter } from './rateQueues.js'

type Tokens = Readonly<Partial<Record<RateLimitBucket, number>>>

/**
 * Takes what a call needs from the buckets of its rate limit, or waits until it is there, in the order of asking: one request,
 * and the tokens of its estimate. A call that is larger than a bucket goes when the bucket is full.
 *
 * @throws {RateLimitExceededError} The wait would be longer than the longest allowed. That is known at once; nothing was taken.
 */
export function* reserveRate(
  context: Context,
  { sessionId, config, estimate }: Pick<Candidate, 'sessionId' | 'config' | 'estimate'>,
  call: RunningCall,
): Saga<void> {
  const { rateLimit: name, maxRateLimitWaitMs } = config
  if (name === null) return
  const tokens = totalOf([...requestCharges, ...usageCharges(estimate ?? noUsage)])
  const queue = context.rateQueues.of(name)
  const now = (): number => context.clock.now()
  const take = (): void =>
    void context.record(rateLimitsCharged({ sessionId, name, tokens: within(context, name, tokens) }))
  const ahead = queue.waiters.map((waiter) => waiter.tokens as Tokens)
  const { bucket, waitMs: neededMs } = slowest(afterTaking(limitOf(context, name), ahead, now()), tokens, now())
  if (ahead.length === 0 && neededMs === 0) return take()
  if (neededMs > maxRateLimitWaitMs) throw new RateLimitExceededError(bucket, tokens[bucket] ?? 0, neededMs)
  yield* until<undefined>(call, (resolve) => {
    const waiter: RateWaiter<Tokens> = {
      tokens,
      waitMs: () => slowest(limitOf(context, name), tokens, now()).waitMs,
      serve: () => {
        take()
        resolve(undefined)
      },
    }
    queue.add(waiter)
    return () => queue.remove(waiter)
  })
}

/**
 * Charges what a call used beyond its estimate, or gives back what it did not use, and waits until no bucket is in debt. The
 * reply is paid for: neither a long wait nor an abort takes it away. What is still owed then, the next call waits for.
 */
export function* settleRate(
  context: Context,
  { sessionId, config, estimate }: Candidate,
  used: UsageSnapshot,
  call: RunningCall,
): Saga<void> {
  const { rateLimit: name, maxRateLimitWaitMs } = config
  if (name === null) return
  const reserved = within(context, name, totalOf(usageCharges(estimate ?? noUsage)))
  const tokens = difference(within(context, name, totalOf(usageCharges(used))), reserved)
  if (Object.keys(tokens).length === 0) return
  context.record(rateLimitsCharged({ sessionId, name, tokens }))
  const debtMs = slowest(limitOf(context, name), { input_tpm: 0, output_tpm: 0 }, context.clock.now()).waitMs
  if (debtMs > maxRateLimitWaitMs) return
  try {
    yield* sleep(context.clock, call, debtMs)
  } catch {
    // Aborted: the reply goes to its caller all the same.
  }
}

function limitOf(context: Context, name: string): RateLimit {
  return selectRateLimit(context.state(), name) ?? {}
}

/** Without the buckets that the rate limit does not have. */
function within(context: Context, name: string, tokens: Tokens): Tokens {
  const limit = limitOf(context, name)
  return Object.fromEntries(Object.entries(tokens).filter(([bucket]) => limit[bucket as RateLimitBucket]))
}

function totalOf(charges: readonly Charge[]): Tokens {
  return Object.fromEntries(charges.map(({ bucket, tokens }) => [bucket, tokens]))
}

function difference(used: Tokens, reserved: Tokens): Tokens {
  const owed: Partial<Record<RateLimitBucket, number>> = {}
  for (const bucket of Object.keys({ ...used, ...reserved }) as RateLimitBucket[]) {
    const tokens = (used[bucket] ?? 0) - (reserved[bucket] ?? 0)
    if (tokens !== 0) owed[bucket] = tokens
  }
  return owed
}

/** The buckets after those who came before have been served. */
function afterTaking(limit: RateLimit, ahead: readonly Tokens[], now: number): RateLimit {
  if (ahead.length === 0) return limit
  const taken = { ...limit }
  for (const tokens of ahead) {
    for (const key of Object.keys(tokens) as RateLimitBucket[]) {
      const bucket = taken[key]
      if (bucket) taken[key] = charge(bucket, tokens[key] ?? 0, now)
    }
  }
  return taken
}

/** The bucket that takes longest to have these tokens, or as many as it ever holds. A bucket in debt is waited for in any case. */
function slowest(
  limit: RateLimit,
  tokens: Tokens,
  now: number,
): { readonly bucket: RateLimitBucket; readonly waitMs: number } {
  let longest: { bucket: RateLimitBucket; waitMs: number } = { bucket: 'rpm', waitMs: 0 }
  for (const key of Object.keys(limit) as RateLimitBucket[]) {
    const bucket = limit[key]
    if (!bucket) continue
    const ms = waitMs(bucket, Math.min(tokens[key] ?? 0, bucket.capacity), now)
    if (ms > longest.waitMs) longest = { bucket: key, waitMs: ms }
  }
  return longest
}
