import * as v from 'valibot'
import type { BucketSettings, RateLimitBucket } from '../../slices/rules/tokenBucket.js'
import { amount, nonBlank, parse, strictOptions } from './schema.js'

/** What a provider allows, as token buckets. Requests wait for their place, in order; replies that are paid for are never lost. */
export interface RateLimitOptions {
  /** Orchestrators that name the same rate limit share it. */
  readonly name: string
  /** Requests: one for each call of the model. */
  readonly requests?: BucketSettings | undefined
  /** Input tokens, without those read from or written to a cache. */
  readonly inputTokens?: BucketSettings | undefined
  readonly outputTokens?: BucketSettings | undefined
}

const positive = v.pipe(
  amount,
  v.check((value) => value > 0, 'a finite number above 0'),
)

const bucket = strictOptions({ capacity: positive, refillPerSecond: positive }, 'an object with a capacity and a rate')

const schema = strictOptions(
  {
    name: nonBlank,
    requests: v.optional(bucket),
    inputTokens: v.optional(bucket),
    outputTokens: v.optional(bucket),
  },
  'an object with a name and buckets',
)

export type RateLimitSettings = Readonly<Partial<Record<RateLimitBucket, BucketSettings>>>

export function parseRateLimit(
  options: RateLimitOptions,
  field?: string,
): { readonly name: string; readonly settings: RateLimitSettings } {
  const { name, requests, inputTokens, outputTokens } = parse(schema, options, field)
  return {
    name,
    settings: {
      ...(requests && { rpm: requests }),
      ...(inputTokens && { input_tpm: inputTokens }),
      ...(outputTokens && { output_tpm: outputTokens }),
    },
  }
}
