import { rateLimitsCharged, rateLimitsConfigured } from './facts.js'
import { own } from './rules/own.js'
import { charge, createBucket, waitMs, type RateLimitBucket, type TokenBucket } from './rules/tokenBucket.js'
import { defineSlice } from './slice.js'

/** The buckets of one rate limit. */
export type RateLimit = Readonly<Partial<Record<RateLimitBucket, TokenBucket>>>

/** What is taken from the buckets of a rate limit. */
export type RateTokens = Readonly<Partial<Record<RateLimitBucket, number>>>

/** By name. Sessions that name the same rate limit share it. */
export type RateLimits = Readonly<Record<string, RateLimit>>

export const rateLimits = defineSlice<RateLimits>({}, (on) => {
  on(rateLimitsConfigured, (state, { payload: { name, buckets }, meta }) => {
    const known = own(state, name)
    const configured = Object.entries(buckets).map(([key, settings]) => {
      const bucket = known?.[key as RateLimitBucket]
      return [key, bucket ? { ...bucket, ...settings } : createBucket(settings, meta.at)]
    })
    return { ...state, [name]: Object.fromEntries(configured) as RateLimit }
  })
  on(rateLimitsCharged, (state, { payload: { name, tokens }, meta }) => {
    const limit = own(state, name)
    return limit ? { ...state, [name]: chargeAll(limit, tokens, meta.at) } : state
  })
})

/** The buckets without the tokens. Negative ones are given back. */
export function chargeAll(limit: RateLimit, tokens: RateTokens, at: number): RateLimit {
  const charged: Partial<Record<RateLimitBucket, TokenBucket>> = { ...limit }
  for (const key of bucketsOf(limit)) {
    const bucket = limit[key]
    const count = tokens[key]
    if (bucket && count !== undefined) charged[key] = charge(bucket, count, at)
  }
  return charged
}

export interface RateWait {
  readonly bucket: RateLimitBucket
  readonly waitMs: number
}

/** The bucket that takes longest to have these tokens, or as many as it ever holds. A bucket in debt is waited for in any case. */
export function longestWait(limit: RateLimit, tokens: RateTokens, now: number): RateWait {
  let longest: RateWait = { bucket: 'rpm', waitMs: 0 }
  for (const key of bucketsOf(limit)) {
    const bucket = limit[key]
    const ms = bucket ? waitMs(bucket, Math.min(tokens[key] ?? 0, bucket.capacity), now) : 0
    if (ms > longest.waitMs) longest = { bucket: key, waitMs: ms }
  }
  return longest
}

export function bucketsOf(limit: RateLimit | RateTokens): readonly RateLimitBucket[] {
  return Object.keys(limit) as RateLimitBucket[]
}

export function selectRateLimit(state: { readonly rateLimits: RateLimits }, name: string): RateLimit | undefined {
  return own(state.rateLimits, name)
}
