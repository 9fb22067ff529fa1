import type { OpenedSession } from '../../slices/admission.js'
import type { Fact } from '../../slices/fact.js'
import { orchestratorRegistered, pricingRegistered, type SessionId } from '../../slices/facts.js'
import { orchestrators, selectOrchestrator } from '../../slices/orchestrators.js'
import { pricing } from '../../slices/pricing.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import type { PriceId } from '../../slices/rules/prices.js'
import { selectSession, sessions } from '../../slices/sessions.js'
import type { Mutable } from '../../slices/slice.js'
import type { ParsedChanges } from './whatIfChanges.js'
import { WhatIfPrices } from './whatIfPrices.js'
import type { AskedState } from './whatIfRules.js'

/** The part of the state that the rules are asked on, under changed settings. */
export class WhatIfState {
  readonly prices: WhatIfPrices
  readonly #changes: ParsedChanges
  readonly #now: Mutable<AskedState>

  constructor(changes: ParsedChanges) {
    this.#changes = changes
    this.prices = new WhatIfPrices(changes.prices)
    this.#now = {
      orchestrators: orchestrators.initial,
      pricing: this.prices.initial,
      sessions: sessions.initial,
    }
  }

  get now(): AskedState {
    return this.#now
  }

  /** A session that was opened here too. */
  session(id: SessionId): OpenedSession | undefined {
    const session = selectSession(this.#now, id)
    return typeof session?.orchestratorId === 'string' ? (session as OpenedSession) : undefined
  }

  configOf({ orchestratorId }: OpenedSession): OrchestratorConfig {
    return selectOrchestrator(this.#now, orchestratorId)
  }

  /** Registers settings as they are changed. Returns them, if it was an orchestrator's. */
  configure(fact: Fact): OrchestratorConfig | undefined {
    if (orchestratorRegistered.match(fact)) {
      const config = { ...fact.payload.config, ...this.#changes.config }
      const answer = orchestrators.answers.get(fact.type)
      const changed = { ...fact, payload: { ...fact.payload, config } }
      this.#now.orchestrators = answer?.(this.#now.orchestrators, changed as Fact<never>) ?? this.#now.orchestrators
      return config
    }
    if (pricingRegistered.match(fact)) {
      const entries = this.prices.register(fact.payload.entries)
      const answer = pricing.answers.get(fact.type)
      this.#now.pricing =
        answer?.(this.#now.pricing, { ...fact, payload: { entries } } as Fact<never>) ?? this.#now.pricing
      return undefined
    }
    this.record(fact)
    return undefined
  }

  /** Lets sessions and their scopes know of a fact. Breakers and rate limits decide nothing here. */
  record(fact: Fact): void {
    const answer = sessions.answers.get(fact.type)
    if (answer) this.#now.sessions = answer(this.#now.sessions, fact as Fact<never>)
  }

  /** A fact with the price that holds under the changes. */
  priced(fact: Fact): Fact {
    const { model, price } = fact.payload as { readonly model?: string | null; readonly price?: PriceId }
    if (this.#changes.prices === null || price === undefined || model === undefined) return fact
    const payload = { ...(fact.payload as object) } as { price: PriceId }
    payload.price = this.prices.of(model, price, this.#now.pricing)
    return { type: fact.type, payload, meta: fact.meta }
  }
}
