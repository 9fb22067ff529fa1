import type { Action, Store } from '@reduxjs/toolkit'
import { TimeTravellingError, type TimeTravel } from '../../sagas/timeTravel.js'
import type { RuntimeWarning } from '../../sagas/saidWarnings.js'
import type { Fact } from '../../slices/fact.js'
import { describeError, tryRead } from '../../slices/rules/errors.js'
import { isSameJson } from '../../slices/rules/json.js'
import { initialState, isFact, runtimeReducer, type RuntimeState } from '../../slices/state.js'
import { ActionTypes } from './actionTypes.js'

/** What is needed of a Redux store. */
export type ShowingStore = Pick<Store, 'dispatch' | 'getState' | 'subscribe'>

type Warn = (warning: RuntimeWarning) => void

/**
 * The state of a log, and the Redux store that shows it. What sagas decide on is the state here, the live one; DevTools may make the
 * store show another one, and what is recorded meanwhile is not lost.
 */
export class ShownState {
  readonly types: ActionTypes
  #live: RuntimeState = initialState
  #store: ShowingStore | undefined
  #select: (state: unknown) => RuntimeState | undefined = () => undefined
  #warn: Warn = () => undefined
  /** What the last fact did to the live state: the store's reducer need not do that again. */
  #latest: { readonly action: Action; readonly before: RuntimeState; readonly after: RuntimeState } | undefined
  /** Looked at already, and found to differ. */
  #other: { readonly shown: unknown; readonly live: RuntimeState } | undefined
  readonly #waiting = new Set<() => void>()
  readonly #subscribers = new Set<() => void>()
  #stopWatching: (() => void) | undefined

  /** @param prefix - Of the types of its actions, such as `agents/`. */
  constructor(prefix = '') {
    this.types = new ActionTypes(prefix)
  }

  readonly reducer = (state: RuntimeState = initialState, action: Action): RuntimeState => {
    const latest = this.#latest
    if (latest?.action === action && latest.before === state) return latest.after
    if (this.types.bringsState(action)) return action.payload
    const fact = this.types.factOf(action)
    // A middleware may hand a fact on late, or twice: a state that was shown meanwhile has it.
    return fact && isFact(fact) && fact.meta.seq > state.seq ? runtimeReducer(state, fact) : state
  }

  /** The state of the log. */
  get live(): RuntimeState {
    return this.#live
  }

  /** What the store shows. */
  get shown(): RuntimeState {
    return this.#select(this.#store?.getState()) ?? this.#live
  }

  /** Shows a state in a store from now on. */
  connect(
    store: ShowingStore,
    select: (state: unknown) => RuntimeState | undefined,
    live: RuntimeState,
    warn: Warn,
  ): void {
    this.#store = store
    this.#select = select
    this.#live = live
    this.#warn = warn
    if (!this.isLive()) this.goLive()
  }

  /** Whether a store shows it. */
  get isConnected(): boolean {
    return this.#store !== undefined
  }

  /** Leaves the store alone from now on. */
  disconnect(): void {
    this.#store = undefined
    this.#select = () => this.#live
  }

  /** Reduces a fact that was recorded, and shows the state after it. */
  readonly publish = (fact: Fact): void => {
    const before = this.#live
    // A reducer that calls the runtime keeps its store closed meanwhile. What is in the log is live in any case.
    const wasShown = tryRead(() => this.#isShown()) ?? false
    const after = runtimeReducer(before, fact)
    const action = this.types.actionOf(fact)
    this.#live = after
    this.#latest = { action, before, after }
    this.#dispatch(action)
    if (wasShown) this.keepLive()
    // The store does not tell of what a middleware drops, or a reducer throws at.
    for (const notify of this.#subscribers) tryRead(notify)
  }

  isLive(): boolean {
    if (this.#isShown()) return true
    const shown = this.#select(this.#store?.getState())
    if (shown?.seq !== this.#live.seq) return false
    if (this.#other?.shown === shown && this.#other.live === this.#live) return false
    this.#other = { shown, live: this.#live }
    if (!isSameJson(shown, this.#live)) return false
    // DevTools has computed it anew.
    this.#live = shown
    return true
  }

  /** Shows the live state again, and tells whether it is shown. In DevTools that looks at an earlier action, it is the last one then. */
  goLive(): boolean {
    this.#dispatch(this.types.restored(this.#live))
    return this.isLive()
  }

  /** Nobody but DevTools may make the store show something else: what an action did that DevTools does not know is undone. */
  keepLive(): void {
    if (!this.isLive()) this.goLive()
  }

  /** What sagas see of it. */
  timeTravel(calls: TimeTravel['calls']): TimeTravel {
    return {
      calls,
      isLive: () => this.isLive(),
      onLive: (callback) => this.#onLive(callback),
      error: () => this.error(),
    }
  }

  error(): TimeTravellingError {
    return new TimeTravellingError(this.#select(this.#store?.getState())?.seq ?? null, this.#live.seq)
  }

  /** Calls back after every fact, and when another state is shown. Returns what ends that. */
  subscribe(listener: () => void): () => void {
    let lastLive = this.#live
    let lastShown = this.shown
    const notify = (): void => {
      const { live, shown } = this
      if (live === lastLive && shown === lastShown) return
      lastLive = live
      lastShown = shown
      listener()
    }
    const stop = this.#store?.subscribe(notify)
    this.#subscribers.add(notify)
    return () => {
      stop?.()
      this.#subscribers.delete(notify)
    }
  }

  #isShown(): boolean {
    return this.#select(this.#store?.getState()) === this.#live
  }

  /** What a host's middleware or subscriber throws must not end the turn whose fact it was told of. */
  #dispatch(action: Action): void {
    try {
      this.#store?.dispatch(action)
    } catch (error) {
      const { name } = describeError(error)
      this.#warn({
        code: 'listener_failed',
        message: `the store threw ${name} when it was told of ${action.type}`,
        error,
      })
    }
  }

  #onLive(callback: () => void): () => void {
    this.#waiting.add(callback)
    if (!this.#stopWatching) this.#watch()
    return () => {
      this.#waiting.delete(callback)
      if (this.#waiting.size === 0) this.#stop()
    }
  }

  #watch(): void {
    this.#warn({ code: 'time_travelling', message: this.error().message })
    this.#stopWatching = this.#store?.subscribe(() => {
      if (this.isLive()) this.#release()
    })
  }

  #release(): void {
    this.#stop()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const callback of waiting) callback()
  }

  #stop(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }
}
