import { AgentRuntimeError, assertArgument } from './errors.js'
import type { UsageSnapshot } from './tokens.js'

export interface BucketSettings {
  /** The most tokens it holds, and what it starts with. Above 0; fractions are fine. */
  readonly capacity: number
  /** Tokens that flow in per second, evenly. Above 0. */
  readonly refillPerSecond: number
}

/** A token bucket. Nothing runs inside it: how full it is follows from the time at which somebody looks. */
export interface TokenBucket extends BucketSettings {
  /** The level at `updatedAt`. Never above the capacity; below 0 it is a debt that the refill pays first. */
  readonly tokens: number
  /** Unix ms. Earlier times count as this one: time that goes back is ignored. */
  readonly updatedAt: number
}

/** The tokens are not there in the time that the caller has, or can never be. None were taken. */
export class RateLimitExceededError extends AgentRuntimeError {
  override readonly name = 'RateLimitExceededError'
  readonly code = 'rate_limit_exceeded'

  /** @param waitMs - How long it would have taken, in milliseconds. `null`: the bucket never holds that many. */
  constructor(
    readonly bucket: string,
    readonly tokens: number,
    readonly waitMs: number | null,
  ) {
    const when = waitMs === null ? `never has ${tokens}` : `has ${tokens} in ${Math.ceil(waitMs)} ms at the earliest`
    super(`rate limit exceeded: '${bucket}' ${when}`)
  }
}

/** @throws {InvalidArgumentError} A blank name, or a number that is not finite and above 0. Names the field. */
export function assertBucket({ name, capacity, refillPerSecond }: BucketSettings & { readonly name: string }): void {
  // What JavaScript callers pass may be anything.
  const given: unknown = name
  assertArgument(typeof given === 'string' && given.trim() !== '', 'name', name, 'a non-blank string')
  for (const [field, value] of Object.entries({ capacity, refillPerSecond })) {
    assertArgument(Number.isFinite(value) && value > 0, field, value, 'a finite number above 0')
  }
}

/** A full bucket. */
export function createBucket({ capacity, refillPerSecond }: BucketSettings, at: number): TokenBucket {
  return { capacity, refillPerSecond, tokens: capacity, updatedAt: at }
}

/** The level at `now`. */
export function available(bucket: TokenBucket, now: number): number {
  const elapsedMs = Math.max(0, now - bucket.updatedAt)
  return Math.min(bucket.capacity, bucket.tokens + (elapsedMs * bucket.refillPerSecond) / 1_000)
}

/** Takes the tokens whether they are there or not: for what has been used already. */
export function take(bucket: TokenBucket, tokens: number, now: number): TokenBucket {
  assertTokens(tokens)
  return {
    capacity: bucket.capacity,
    refillPerSecond: bucket.refillPerSecond,
    tokens: available(bucket, now) - tokens,
    updatedAt: Math.max(bucket.updatedAt, now),
  }
}

/** Takes what was used beyond a reservation, or gives back what was not: then `tokens` is below 0. */
export function charge(bucket: TokenBucket, tokens: number, now: number): TokenBucket {
  if (tokens >= 0) return take(bucket, tokens, now)
  const { capacity, refillPerSecond } = bucket
  const level = Math.min(capacity, available(bucket, now) - tokens)
  return { capacity, refillPerSecond, tokens: level, updatedAt: Math.max(bucket.updatedAt, now) }
}

/** The bucket without the tokens, or `undefined`: they are not there. No tokens at all can always be taken. */
export function tryTake(bucket: TokenBucket, tokens: number, now: number): TokenBucket | undefined {
  const taken = take(bucket, tokens, now)
  return taken.tokens >= 0 || tokens === 0 ? taken : undefined
}

/**
 * How long until the tokens are there, in milliseconds, if nobody else takes any; for 0 tokens, until it is out of debt.
 * `Infinity`: more than it ever holds.
 */
export function waitMs(bucket: TokenBucket, tokens: number, now: number): number {
  assertTokens(tokens)
  if (tokens > bucket.capacity) return Infinity
  const missing = tokens - available(bucket, now)
  if (missing <= 0) return 0
  const untilItCounts = Math.max(0, bucket.updatedAt - now)
  let wait = untilItCounts + (missing / bucket.refillPerSecond) * 1_000
  // Rounding may make that a hair too short. Who waits exactly this long must find the tokens there.
  let hair = Math.max(Math.abs(now + wait) * Number.EPSILON, Number.MIN_VALUE)
  for (; available(bucket, now + wait) < tokens; hair *= 2) wait += hair
  return wait
}

/** @throws {InvalidArgumentError} Not a finite number from 0. */
export function assertTokens(tokens: number): void {
  assertArgument(Number.isFinite(tokens) && tokens >= 0, 'tokens', tokens, 'a finite number from 0')
}

// --- what a model call is charged ----------------------------------------------------------------------------------------------

/** The buckets of a provider: its limits on requests, input tokens and output tokens. */
export type RateLimitBucket = 'rpm' | 'input_tpm' | 'output_tpm'

export interface Charge {
  readonly bucket: RateLimitBucket
  readonly tokens: number
}

/** What a model call is charged before it is made. */
export const requestCharges: readonly Charge[] = [{ bucket: 'rpm', tokens: 1 }]

/** What a model call is charged once it is known what it used, in this order. Nothing is charged for nothing. */
export function usageCharges({
  inputTokens,
  outputTokens,
}: Pick<UsageSnapshot, 'inputTokens' | 'outputTokens'>): readonly Charge[] {
  const charges: readonly Charge[] = [
    { bucket: 'input_tpm', tokens: inputTokens },
    { bucket: 'output_tpm', tokens: outputTokens },
  ]
  return charges.filter(({ tokens }) => tokens > 0)
}
