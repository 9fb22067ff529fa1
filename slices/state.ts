import { breakers, type Breakers } from './breakers.js'
import type { Fact, FactCreator } from './fact.js'
import * as facts from './facts.js'
import { orchestrators, type Orchestrators } from './orchestrators.js'
import { pricing } from './pricing.js'
import { providers, type ProvidersByName } from './providers.js'
import { rateLimits, type RateLimits } from './rateLimits.js'
import type { PriceList } from './rules/prices.js'
import { sessions, type Sessions } from './sessions.js'
import { combineSlices, type Mutable } from './slice.js'

/** Everything a runtime knows. JSON, and a function of its facts alone. */
export interface RuntimeState extends RuntimeSlices {
  /** The sequence number of the last fact. 0: nothing has happened. */
  readonly seq: number
}

interface RuntimeSlices {
  readonly orchestrators: Orchestrators
  readonly pricing: PriceList
  readonly breakers: Breakers
  readonly rateLimits: RateLimits
  readonly providers: ProvidersByName
  readonly sessions: Sessions
}

const slices = combineSlices<RuntimeSlices, RuntimeState>(
  { orchestrators, pricing, breakers, rateLimits, providers, sessions },
  copy,
)

export const initialState: RuntimeState = { seq: 0, ...slices.initial }

type FactOf<Creator> = Creator extends FactCreator<infer Payload, infer Type> ? Fact<Payload, Type> : never

/** Any fact, told apart by its type: `switch (fact.type)` knows the payload. */
export type AnyFact = { [Name in keyof typeof facts]: FactOf<(typeof facts)[Name]> }[keyof typeof facts]

/** Versions by type of fact. */
export const factVersions: ReadonlyMap<string, number> = new Map(
  Object.values(facts).map((creator) => [creator.type, creator.version]),
)

/** The Redux reducer. Answers to recorded facts and to nothing else. */
export function runtimeReducer(state: RuntimeState = initialState, action: { readonly type: string }): RuntimeState {
  return isFact(action) ? applyFact(state, action) : state
}

/**
 * The state after these facts, in one pass.
 *
 * @param from - The state before them. Default: nothing has happened.
 */
export function replay(facts: Iterable<Fact>, from: RuntimeState = initialState): RuntimeState {
  let state = from
  for (const fact of facts) state = applyFact(state, fact)
  return state
}

export function isFact(action: { readonly type: string }): action is Fact {
  const { meta } = action as Partial<Fact>
  return factVersions.has(action.type) && typeof meta?.seq === 'number'
}

function applyFact(state: RuntimeState, fact: Fact): RuntimeState {
  const counted = copy(state)
  counted.seq = fact.meta.seq
  return slices.answers.get(fact.type)?.(counted, fact as Fact<never>) ?? counted
}

function copy(state: RuntimeState): Mutable<RuntimeState> {
  return {
    seq: state.seq,
    orchestrators: state.orchestrators,
    pricing: state.pricing,
    breakers: state.breakers,
    rateLimits: state.rateLimits,
    providers: state.providers,
    sessions: state.sessions,
  }
}
