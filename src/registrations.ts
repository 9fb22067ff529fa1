import * as v from 'valibot'
import type { Context } from '../sagas/context.js'
import { selectBreaker } from '../slices/breakers.js'
import { breakerConfigured, orchestratorRegistered, pricingRegistered } from '../slices/facts.js'
import type { BreakerSettings } from '../slices/rules/breaker.js'
import { AlreadyRegisteredError, assertArgument } from '../slices/rules/errors.js'
import { canonicalJson, isPlainObject, type Json } from '../slices/rules/json.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { own } from '../slices/rules/own.js'
import type { PriceEntry } from '../slices/rules/prices.js'
import { parsePricing, type ModelPricing } from './config/pricing.js'
import { oneOf, parse, strictOptions } from './config/schema.js'

export interface PricingOptions {
  /**
   * What to do when the model has a price: give it the new one from now on, throw, or keep the old one. What was spent keeps the
   * price it was spent at. Default `'overwrite'`.
   */
  readonly onConflict?: 'overwrite' | 'error' | 'keep' | undefined
}

const pricingOptionsSchema = strictOptions({
  onConflict: v.optional(oneOf(['overwrite', 'error', 'keep']), 'overwrite'),
}) satisfies v.GenericSchema<unknown, PricingOptions>

/** Puts configuration into the log. What is there already is not put there twice. */
export class Registrations {
  readonly #context: Context
  readonly #breakers = new Map<string, BreakerSettings>()
  readonly #orchestrators = new Map<string, string>()

  constructor(context: Context) {
    this.#context = context
  }

  pricing(prices: Readonly<Record<string, ModelPricing>>, options: PricingOptions = {}): void {
    const { onConflict } = parse(pricingOptionsSchema, options)
    assertArgument(isPlainObject(prices), 'prices', prices, 'an object of prices by model')
    const given = Object.entries(prices).map(([model, pricing]) => parsePricing(model, pricing))
    const { entries: known, current } = this.#context.state().pricing
    const entries = given.filter((entry) => {
      const id = own(current, entry.key)
      const before = id === undefined ? undefined : known[id]
      if (!before) return true
      if (onConflict === 'error') throw new AlreadyRegisteredError('pricing', entry.key)
      return onConflict === 'overwrite' && !same(before, entry)
    })
    if (entries.length > 0) this.#context.record(pricingRegistered({ entries }))
  }

  /** In one process a breaker has one configuration; a process that continues a log may bring another. */
  breaker(name: string, settings: BreakerSettings): void {
    const given = this.#breakers.get(name)
    if (given && !same(given, settings)) throw new AlreadyRegisteredError('breaker', name)
    this.#breakers.set(name, settings)
    const known = selectBreaker(this.#context.state(), name)
    if (known && same({ ...known, ...settings }, known)) return
    this.#context.record(breakerConfigured({ name, settings }))
  }

  /** Returns the id under which this configuration is known. */
  orchestrator(config: OrchestratorConfig): string {
    const key = canonicalJson(config as unknown as Json)
    const known = this.#orchestrators.get(key)
    if (known !== undefined) return known
    const orchestratorId = `orchestrator-${this.#context.state().orchestrators.count + 1}`
    this.#context.record(orchestratorRegistered({ orchestratorId, config }))
    this.#orchestrators.set(key, orchestratorId)
    return orchestratorId
  }
}

function same(a: object, b: PriceEntry | BreakerSettings): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as unknown as Json)
}
