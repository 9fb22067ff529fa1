import * as v from 'valibot'
import type { Context } from '../sagas/context.js'
import { selectBreaker } from '../slices/breakers.js'
import type { FactDraft } from '../slices/fact.js'
import {
  breakerConfigured,
  orchestratorRegistered,
  pricingRegistered,
  providersConfigured,
  rateLimitsConfigured,
} from '../slices/facts.js'
import { selectProviders } from '../slices/providers.js'
import { selectRateLimit, type RateLimit } from '../slices/rateLimits.js'
import type { BreakerSettings } from '../slices/rules/breaker.js'
import { AlreadyRegisteredError, assertArgument } from '../slices/rules/errors.js'
import { canonicalJson, isPlainObject, type Json } from '../slices/rules/json.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { own } from '../slices/rules/own.js'
import { rows } from '../slices/rules/table.js'
import type { ProviderRouter } from '../slices/rules/routing.js'
import type { RateLimitSettings } from './config/rateLimit.js'
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
  /** By kind and name. */
  readonly #shared = new Map<string, object>()
  readonly #orchestrators = new Map<string, string>()

  constructor(context: Context) {
    this.#context = context
    for (const [index, config] of [...rows(context.state().orchestrators.rows)].entries()) {
      this.#orchestrators.set(keyOf(config), `orchestrator-${index + 1}`)
    }
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

  breaker(name: string, settings: BreakerSettings): void {
    const known = selectBreaker(this.#context.state(), name)
    const isKnown = known !== undefined && same({ ...known, ...settings }, known)
    this.#once('breaker', name, settings, isKnown, () => breakerConfigured({ name, settings }))
  }

  rateLimit(name: string, settings: RateLimitSettings): void {
    const known = selectRateLimit(this.#context.state(), name)
    const isKnown = known !== undefined && same(settingsOf(known), settings)
    this.#once('rate limit', name, settings, isKnown, () => rateLimitsConfigured({ name, buckets: settings }))
  }

  providers(name: string, router: ProviderRouter): void {
    const known = selectProviders(this.#context.state(), name)
    const isKnown = known !== undefined && same(known.router, router)
    this.#once('providers', name, router, isKnown, () => providersConfigured({ name, router }))
  }

  /** In one process a name has one configuration; a process that continues a log may bring another. */
  #once(kind: SharedKind, name: string, settings: object, isKnown: boolean, draft: () => FactDraft): void {
    const id = `${kind}/${name}`
    const given = this.#shared.get(id)
    if (given && !same(given, settings)) throw new AlreadyRegisteredError(kind, name)
    this.#shared.set(id, settings)
    if (!isKnown) this.#context.record(draft())
  }

  /** Returns the id under which this configuration is known. */
  orchestrator(config: OrchestratorConfig): string {
    const key = keyOf(config)
    const known = this.#orchestrators.get(key)
    if (known !== undefined) return known
    const orchestratorId = `orchestrator-${this.#context.state().orchestrators.count + 1}`
    this.#context.record(orchestratorRegistered({ orchestratorId, config }))
    this.#orchestrators.set(key, orchestratorId)
    return orchestratorId
  }
}

function keyOf(config: OrchestratorConfig): string {
  return canonicalJson(config as unknown as Json)
}

type SharedKind = 'breaker' | 'rate limit' | 'providers'

function settingsOf(limit: RateLimit): RateLimitSettings {
  const settings = Object.entries(limit).map(([name, { capacity, refillPerSecond }]) => [
    name,
    { capacity, refillPerSecond },
  ])
  return Object.fromEntries(settings) as RateLimitSettings
}

function same(a: object, b: object): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json)
}
