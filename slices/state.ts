import { breakers, type Breakers } from './breakers.js'
import type { Fact, FactCreator } from './fact.js'
import type * as facts from './facts.js'
import { factVersions } from './factVersions.js'
import { LogCorruptError } from './logErrors.js'
import { orchestrators, type Orchestrators } from './orchestrators.js'
import { pricing } from './pricing.js'
import { providers, type ProvidersByName } from './providers.js'
import { rateLimits, type RateLimits } from './rateLimits.js'
import type { PriceList } from './rules/prices.js'
import { sessions, type Sessions } from './sessions.js'
import { combineSlices, type Mutable } from './slice.js'
import { upcast } from './upcasters.js'

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

/** Changes when the same facts give another state than before: states that were cached then do not count any more. */
export const STATE_VERSION = '1'

export const initialState: RuntimeState = { seq: 0, ...slices.initial }

type FactOf<Creator> = Creator extends FactCreator<infer Payload, infer Type> ? Fact<Payload, Type> : never

/** Any fact, told apart by its type: `switch (fact.type)` knows the payload. */
export type AnyFact = { [Name in keyof typeof facts]: FactOf<(typeof facts)[Name]> }[keyof typeof facts]

/** The Redux reducer. Answers to recorded facts and to nothing else. */
export function runtimeReducer(state: RuntimeState = initialState, action: { readonly type: string }): RuntimeState {
  return isFact(action) ? applyFact(state, action) : state
}

export interface ReplayOptions {
  /** The state before the first of them. Default: nothing has happened. */
  readonly from?: RuntimeState | undefined
  /** The `seq` of the last fact that counts. Default: all do. */
  readonly until?: number | undefined
}

/**
 * The state after these facts, in one pass.
 *
 * @throws {LogCorruptError} A fact is missing, or is there twice.
 * @throws {LogVersionError} A fact is of a type or a version that is not known here.
 */
export function replay(
  facts: Iterable<Fact>,
  { from = initialState, until = Infinity }: ReplayOptions = {},
): RuntimeState {
  let state = from
  for (const fact of facts) {
    if (fact.meta.seq > until) break
    state = replayFact(state, fact)
  }
  return state
}

/**
 * The state after one more recorded fact.
 *
 * @throws {LogCorruptError | LogVersionError} As {@link replay}.
 */
export function replayFact(state: RuntimeState, fact: Fact): RuntimeState {
  return applyFact(state, factAfter(state.seq, fact))
}

/**
 * The fact that follows `seq`, in the version of today.
 *
 * @throws {LogCorruptError | LogVersionError} As {@link replay}.
 */
export function factAfter(seq: number, fact: Fact): Fact {
  const { seq: found } = fact.meta
  if (found !== seq + 1) throw new LogCorruptError({ seq: found }, `fact ${seq + 1} should be there`)
  return upcast(fact)
}

export function isFact(action: { readonly type: string }): action is Fact {
  const { meta } = action as Partial<Fact>
  return factVersions.has(action.type) && typeof meta?.seq === 'number'
}

function applyFact(state: RuntimeState, fact: Fact): RuntimeState {
  const counted = copy(state)
  counted.seq = fact.meta.seq
  if (fact.meta.origin !== undefined) return applyCopy(counted, fact)
  return slices.answers.get(fact.type)?.(counted, fact as Fact<never>) ?? counted
}

/** Breakers, rate limits and providers have seen what it is a copy of. */
function applyCopy(counted: Mutable<RuntimeState>, fact: Fact): RuntimeState {
  counted.sessions = sessions.answers.get(fact.type)?.(counted.sessions, fact as Fact<never>) ?? counted.sessions
  return counted
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
