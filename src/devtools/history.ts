import type { LiftedState, LiftedStore } from '@redux-devtools/instrument'
import type { Action } from '@reduxjs/toolkit'

/** What DevTools keep of a store: its last actions, and the state after each. */
export type History = LiftedState<unknown, Action, null>

export type HistoryStore = LiftedStore<unknown, Action, null>
