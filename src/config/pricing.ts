import * as v from 'valibot'
import { priceKey, type PriceEntry } from '../../slices/rules/prices.js'
import { amount, nonBlank, oneOf, parse, strictOptions } from './schema.js'

/** US dollars per million tokens. */
export interface ModelPricing {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  /** Default 0. */
  readonly cacheWritePerMillion?: number | undefined
  /** Default 0. */
  readonly cacheReadPerMillion?: number | undefined
  /** For `cacheTtl: '5m'`. Default, and meaning of 0: as `cacheWritePerMillion`. */
  readonly cacheWrite5minPerMillion?: number | undefined
  /** For `cacheTtl: '1h'`. Default, and meaning of 0: as `cacheWritePerMillion`. */
  readonly cacheWrite1hPerMillion?: number | undefined
  /** Rates by `cacheTtl` that hold exactly as given, 0 included. They go before the other cache write rates. */
  readonly cacheWriteByTtl?: Readonly<Record<string, number>> | undefined
  /**
   * Which models this prices: every one whose name begins with the registered name and has no longer match, or only the one of
   * exactly that name. Default `'prefix'`, so that a dated release costs what its family costs.
   */
  readonly match?: 'prefix' | 'exact' | undefined
}

const pricingSchema = strictOptions(
  {
    inputPerMillion: amount,
    outputPerMillion: amount,
    cacheWritePerMillion: v.optional(amount, 0),
    cacheReadPerMillion: v.optional(amount, 0),
    cacheWrite5minPerMillion: v.optional(amount, 0),
    cacheWrite1hPerMillion: v.optional(amount, 0),
    cacheWriteByTtl: v.optional(v.record(nonBlank, amount, 'an object of rates')),
    match: v.optional(oneOf(['prefix', 'exact']), 'prefix'),
  },
  'an object of rates',
)

/** @throws {InvalidArgumentError} The model is blank, or a rate is negative or not finite. */
export function parsePricing(model: string, pricing: ModelPricing): PriceEntry {
  const key = priceKey(parse(nonBlank, model, 'model'))
  const { match, cacheWriteByTtl, ...rates } = parse(pricingSchema, pricing, 'pricing')
  return { key, match, rates: { ...rates, ...(cacheWriteByTtl && { cacheWriteByTtl }) } }
}
