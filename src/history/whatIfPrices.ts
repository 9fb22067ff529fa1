import { findPrice, priceKey, type PriceEntry, type PriceId, type PriceList } from '../../slices/rules/prices.js'

/**
 * Prices where some are given instead of what was recorded. The price list has the given ones first and then the recorded ones, so
 * that a recorded price is found a fixed number of positions later.
 */
export class WhatIfPrices {
  /** The given ones. */
  readonly initial: PriceList
  readonly #recorded: PriceEntry[] = []
  readonly #known = new Map<string, PriceId>()

  /** @param given - `null`: none. */
  constructor(given: readonly PriceEntry[] | null) {
    const entries = given ?? []
    this.initial = { entries, current: Object.fromEntries(entries.map(({ key }, index) => [key, index])) }
  }

  /** What was registered in the recorded run, by position. */
  get recorded(): readonly PriceEntry[] {
    return this.#recorded
  }

  /** Takes recorded prices in. Returns what is registered instead of them. */
  register(entries: readonly PriceEntry[]): readonly PriceEntry[] {
    this.#recorded.push(...entries)
    return entries.map((entry) => this.#givenFor(entry.key) ?? entry)
  }

  /**
   * Where the price of a call is in the list.
   *
   * @param price - Where it was in the recorded one.
   * @param prices - The list as it is.
   */
  of(model: string | null, price: PriceId, prices: PriceList): PriceId {
    if (this.initial.entries.length === 0 || model === null) return price
    const id = `${price ?? ''}/${model}`
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const found = this.#find(model, price, prices)
    this.#known.set(id, found)
    return found
  }

  /** The longer key says more about a model, whoever gave it. */
  #find(model: string, price: PriceId, prices: PriceList): PriceId {
    const given = findPrice(this.initial, model)
    const recorded = price === null ? undefined : this.#recorded[price]
    if (price === null || !recorded) return given
    const kept = this.initial.entries.length + price
    if (given === null) return this.#givenFor(recorded.key) ? findPrice(prices, model) : kept
    const isMoreSpecific = (this.initial.entries[given]?.key.length ?? 0) >= recorded.key.length
    return isMoreSpecific || priceKey(model) === this.initial.entries[given]?.key ? given : kept
  }

  #givenFor(key: string): PriceEntry | undefined {
    return this.initial.entries.find((entry) => entry.key === key)
  }
}
