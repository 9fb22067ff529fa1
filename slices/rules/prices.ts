import { InvalidArgumentError } from './errors.js'
import { own } from './own.js'
import type { UsageSnapshot } from './tokens.js'

/** US dollars per million tokens of one model. Every rate is finite and not negative. */
export interface Rates {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  /** Default 0. Used for cache writes whose lifetime has no rate of its own. */
  readonly cacheWritePerMillion: number
  /** Default 0. */
  readonly cacheReadPerMillion: number
  /** Rate of cache writes that live 5 minutes (`cacheTtl: '5m'`). 0, the default, falls back to `cacheWritePerMillion`. */
  readonly cacheWrite5minPerMillion: number
  /** Rate of cache writes that live an hour (`cacheTtl: '1h'`). 0, the default, falls back to `cacheWritePerMillion`. */
  readonly cacheWrite1hPerMillion: number
  /** Rates by `cacheTtl` that hold exactly as given, 0 included. They go before the three fields above. */
  readonly cacheWriteByTtl?: Readonly<Record<string, number>>
}

/** One registration of a price. Entries are never changed: what was spent keeps the price that was in force. */
export interface PriceEntry {
  /** The model, or the beginning of the names of several: lower case, trimmed. */
  readonly key: string
  readonly match: 'prefix' | 'exact'
  readonly rates: Rates
  /** The cache rates that were left out, and so are 0 without anybody having said so. Absent: both were given. */
  readonly unpricedCache?: 'read' | 'write' | 'both'
}

/** Prices by registration, and which of them is in force for each key. */
export interface PriceList {
  readonly entries: readonly PriceEntry[]
  readonly current: Readonly<Record<string, number>>
}

/** The position of an entry in the price list, or `null` where no price is known. */
export type PriceId = number | null

export const emptyPriceList: PriceList = { entries: [], current: {} }

export const freeRates: Rates = {
  inputPerMillion: 0,
  outputPerMillion: 0,
  cacheWritePerMillion: 0,
  cacheReadPerMillion: 0,
  cacheWrite5minPerMillion: 0,
  cacheWrite1hPerMillion: 0,
}

/** The highest rate that is taken for a price: a thousand dollars a token. */
export const MAX_RATE_PER_MILLION = 1e9

export function priceKey(model: string): string {
  return model.trim().toLowerCase()
}

/**
 * The price in force for `model`: the entry under its exact key, else the one under the longest key it begins with.
 * Looks the model's own prefixes up, so the size of the list does not matter.
 */
export function findPrice(prices: PriceList, model: string): PriceId {
  const key = priceKey(model)
  for (let length = key.length; length > 0; length -= 1) {
    const id = own(prices.current, key.slice(0, length))
    if (id !== undefined && (length === key.length || prices.entries[id]?.match === 'prefix')) return id
  }
  return null
}

/**
 * Whether the price under `key` is a guess for `model`: it was found by prefix, in the middle of a word. `gpt-4` is a guess for
 * `gpt-4o` and for `gpt-4.1`, and none for `gpt-4-0613` and `gpt-4:latest`.
 */
export function isGuessedPrice(model: string, key: string): boolean {
  const name = priceKey(model)
  if (!name.startsWith(key) || name === key) return false
  const rest = name.slice(key.length)
  return /[\p{L}\p{N}]$/u.test(key) && (/^[\p{L}\p{N}]/u.test(rest) || (/\d$/.test(key) && /^\.\d/.test(rest)))
}

/**
 * Whether tokens were read from a cache, or written to one, that the price says nothing of: their rate was left out, and they
 * cost nothing. A rate that was given as 0 is a price.
 */
export function cachedTokensUnpriced(entry: PriceEntry, usage: UsageSnapshot): boolean {
  const { rates, unpricedCache } = entry
  const lacks = (kind: 'read' | 'write') => unpricedCache === kind || unpricedCache === 'both'
  if (usage.cacheReadTokens > 0 && lacks('read')) return true
  return usage.cacheWriteTokens > 0 && lacks('write') && !hasCacheWriteRate(rates, usage.cacheTtl)
}

/** Whether cache writes of this lifetime have a rate of their own. */
function hasCacheWriteRate(rates: Rates, cacheTtl: string | null): boolean {
  const isExact = own(rates.cacheWriteByTtl ?? {}, cacheTtl?.trim() ?? '') !== undefined
  return isExact || cacheWriteRate(rates, cacheTtl) !== rates.cacheWritePerMillion
}

/** US dollars per million tokens written to a cache that keeps them for `cacheTtl`. */
export function cacheWriteRate(rates: Rates, cacheTtl: string | null): number {
  const ttl = cacheTtl?.trim() ?? ''
  const exact = own(rates.cacheWriteByTtl ?? {}, ttl)
  if (exact !== undefined) return exact
  if (ttl === '5m' && rates.cacheWrite5minPerMillion !== 0) return rates.cacheWrite5minPerMillion
  if (ttl === '1h' && rates.cacheWrite1hPerMillion !== 0) return rates.cacheWrite1hPerMillion
  return rates.cacheWritePerMillion
}

/** What the tokens cost in US dollars. `usage` may be one call or the sum of many with the same cache lifetime. */
export function costUsd(usage: UsageSnapshot, rates: Rates): number {
  return (
    (usage.inputTokens * rates.inputPerMillion) / 1e6 +
    (usage.outputTokens * rates.outputPerMillion) / 1e6 +
    (usage.cacheWriteTokens * cacheWriteRate(rates, usage.cacheTtl)) / 1e6 +
    (usage.cacheReadTokens * rates.cacheReadPerMillion) / 1e6
  )
}

/** An amount for people and reports, with 12 significant digits: sums of doubles leave 0.30000000000000004 where 0.3 was meant. */
export function roundUsd(amount: number): number {
  return Number(amount.toPrecision(12))
}

/**
 * Whether an amount is above a limit. Costs are sums of products of doubles: amounts that differ by a part in a billion are the
 * same amount.
 */
export function isAbove(amount: number, limit: number): boolean {
  return amount - limit > Math.max(1e-12, limit * 1e-9)
}

/**
 * Dollars for people: four decimals below one cent, otherwise two.
 *
 * @throws {InvalidArgumentError} The cost is negative or not finite.
 */
export function formatCost(cost: number): string {
  if (typeof cost !== 'number' || !Number.isFinite(cost) || cost < 0) {
    throw new InvalidArgumentError('costUsd', cost, 'a finite amount that is not negative')
  }
  return `$${cost.toFixed(cost < 0.01 ? 4 : 2)}`
}
