import { pricingRegistered } from './facts.js'
import { emptyPriceList, findPrice, freeRates, type PriceList, type Rates } from './rules/prices.js'
import { assertArgument } from './rules/errors.js'
import { defineSlice } from './slice.js'

/** Prices are only ever added. An entry says what a model cost from the fact that registered it on. */
export const pricing = defineSlice<PriceList>(emptyPriceList, (on) => {
  on(pricingRegistered, ({ entries, current }, { payload }) => ({
    entries: [...entries, ...payload.entries],
    current: {
      ...current,
      ...Object.fromEntries(payload.entries.map(({ key }, index) => [key, entries.length + index])),
    },
  }))
})

type WithPricing = { readonly pricing: PriceList }

/**
 * The rates in force for a model: of its own name, else of the longest registered name it begins with, else all 0.
 *
 * @throws {InvalidArgumentError} The name consists of white space only.
 */
export function selectRates(state: WithPricing, model: string): Rates {
  assertArgument(model === '' || model.trim() !== '', 'model', model, 'a name or an empty string')
  const price = findPrice(state.pricing, model)
  return price === null ? freeRates : (state.pricing.entries[price]?.rates ?? freeRates)
}

export function selectIsPriced(state: WithPricing, model: string): boolean {
  return findPrice(state.pricing, model) !== null
}
