import { rateLimitsCharged, rateLimitsConfigured } from './facts.js'
import { own } from './rules/own.js'
import { charge, createBucket, type RateLimitBucket, type TokenBucket } from './rules/tokenBucket.js'
import { defineSlice } from './slice.js'

/** The buckets of one rate limit. */
export type RateLimit = Readonly<Partial<Record<RateLimitBucket, TokenBucket>>>

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
    if (!limit) return state
    const charged: Partial<Record<RateLimitBucket, TokenBucket>> = { ...limit }
    for (const key of Object.keys(tokens) as RateLimitBucket[]) {
      const bucket = limit[key]
      if (bucket) charged[key] = charge(bucket, tokens[key] ?? 0, meta.at)
    }
    return { ...state, [name]: charged }
  })
})

export function selectRateLimit(state: { readonly rateLimits: RateLimits }, name: string): RateLimit | undefined {
  return own(state.rateLimits, name)
}
