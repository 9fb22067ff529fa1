import * as v from 'valibot'
import { MAX_RATE_PER_MILLION, priceKey, type PriceEntry } from '../../slices/rules/prices.js'
import { nonBlank, oneOf, parse, strictOptions } from './schema.js'

/** US dollars per million tokens, from 0 to 1e9. */
export interface ModelPricing {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  /** Default 0. An explicit 0 says that it is free; left out, that nobody has said. */
  readonly cacheWritePerMillion?: number | undefined
  /** Default 0. An explicit 0 says that it is free; left out, that nobody has said. */
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

const rateWords = `a number of US dollars per million tokens from 0 to ${MAX_RATE_PER_MILLION}`

const rate = v.pipe(v.number(rateWords), v.minValue(0, rateWords), v.maxValue(MAX_RATE_PER_MILLION, rateWords))

const pricingSchema = strictOptions(
  {
    inputPerMillion: rate,
    outputPerMillion: rate,
    cacheWritePerMillion: v.optional(rate),
    cacheReadPerMillion: v.optional(rate),
    cacheWrite5minPerMillion: v.optional(rate, 0),
    cacheWrite1hPerMillion: v.optional(rate, 0),
    cacheWriteByTtl: v.optional(v.record(nonBlank, rate, 'an object of rates')),
    match: v.optional(oneOf(['prefix', 'exact']), 'prefix'),
  },
  'an object of rates',
)

/** @throws {InvalidArgumentError} The model is blank, or a rate is negative or above 1e9. */
export function parsePricing(model: string, pricing: ModelPricing): PriceEntry {
  const key = priceKey(parse(nonBlank, model, 'model'))
  const { match, cacheWriteByTtl, ...rates } = parse(pricingSchema, pricing, 'pricing')
  const { cacheWritePerMillion, cacheReadPerMillion } = rates
  const unpricedCache = leftOut(cacheReadPerMillion === undefined, cacheWritePerMillion === undefined)
  return {
    key,
    match,
    rates: {
      ...rates,
      cacheWritePerMillion: cacheWritePerMillion ?? 0,
      cacheReadPerMillion: cacheReadPerMillion ?? 0,
      ...(cacheWriteByTtl && { cacheWriteByTtl }),
    },
    ...(unpricedCache && { unpricedCache }),
  }
}

function leftOut(read: boolean, write: boolean): PriceEntry['unpricedCache'] {
  if (read && write) return 'both'
  if (read) return 'read'
  return write ? 'write' : undefined
}
