import type { Action, UnknownAction } from '@reduxjs/toolkit'
import type { Fact } from '../../slices/fact.js'
import type { FactPayload } from '../../slices/facts.js'
import { factVersions } from '../../slices/factVersions.js'
import type { RuntimeState } from '../../slices/state.js'

type StateAction = { readonly type: string; readonly payload: RuntimeState }

/**
 * What the actions of a runtime are called in its store. In a host's store they begin with the path of their reducer: a host may well
 * have a slice that is called `sessions`, and more than one runtime.
 */
export class ActionTypes {
  readonly #prefix: string
  /** By the type of an action. */
  readonly #factTypes: ReadonlyMap<string, string>
  /** A module begins in a store. Its payload is the state that it begins with. */
  readonly startedType: string
  /** Shows the state of the log again. Its payload is that state. */
  readonly restoredType: string

  constructor(prefix: string) {
    this.#prefix = prefix
    this.#factTypes = new Map([...factVersions.keys()].map((type) => [`${prefix}${type}`, type]))
    this.startedType = `${prefix}runtime/started`
    this.restoredType = `${prefix}runtime/restored`
  }

  actionOf(fact: Fact): Fact {
    return this.#prefix === '' ? fact : { type: `${this.#prefix}${fact.type}`, payload: fact.payload, meta: fact.meta }
  }

  /** The fact that an action tells of. */
  factOf(action: Action): Fact | undefined {
    const type = this.#factTypes.get(action.type)
    if (type === undefined) return undefined
    return this.#prefix === '' ? (action as Fact) : { ...(action as Fact), type }
  }

  /** Whether an action tells of this kind of fact. */
  matching<Kind extends { readonly type: string }>({ type }: Kind) {
    const prefixed = `${this.#prefix}${type}`
    return (action: Action): action is Fact<FactPayload<Kind>> & UnknownAction =>
      action.type === prefixed && typeof (action as Partial<Fact>).meta?.seq === 'number'
  }

  started(state: RuntimeState): StateAction {
    return { type: this.startedType, payload: state }
  }

  restored(state: RuntimeState): StateAction {
    return { type: this.restoredType, payload: state }
  }

  /** Whether an action brings a state of its own. */
  bringsState(action: Action): action is StateAction {
    return action.type === this.restoredType || action.type === this.startedType
  }
}
