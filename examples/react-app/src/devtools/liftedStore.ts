import type { LiftedAction, LiftedState } from '@redux-devtools/core'
import type { Store } from '@reduxjs/toolkit'
import type { AppStore } from '../app/createStore.js'

interface AnyAction {
  readonly type: string
}

type LiftedStore = Store<LiftedState<unknown, AnyAction, null>, LiftedAction<unknown, AnyAction, null>>

/** The store of DevTools around that of the app. Only a store that was instrumented has one. */
export function liftedStoreOf(store: AppStore): LiftedStore {
  return (store as unknown as { readonly liftedStore: LiftedStore }).liftedStore
}
