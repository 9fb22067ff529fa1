import type { StoreEnhancer } from '@reduxjs/toolkit'
import { ActionCreators } from '@redux-devtools/core'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import type { AgentRuntime } from 'redux-agent-runtime'
import type { AppStore } from '../app/createStore.js'
import { Dock } from './Dock.js'
import { DevTools } from './DevTools.js'
import { liftedStoreOf } from './liftedStore.js'

/** Redux DevTools inside of the page, for browsers without the extension. */
export interface DevToolsInPage {
  readonly instrument: StoreEnhancer
  mount(element: HTMLElement, store: AppStore, runtime: AgentRuntime): void
  /** Goes back to the last action, where somebody has jumped to an earlier one. */
  goToLast(store: AppStore): void
}

/** `undefined`: the extension is there. */
export function createDevToolsInPage(): DevToolsInPage | undefined {
  if ('__REDUX_DEVTOOLS_EXTENSION__' in window) return undefined
  return {
    instrument: DevTools.instrument(),
    mount(element, store, runtime) {
      // A root of its own: the monitors are not made for StrictMode.
      createRoot(element).render(createElement(Dock, { store, runtime }))
    },
    goToLast(store) {
      const lifted = liftedStoreOf(store)
      const last = lifted.getState().stagedActionIds.length - 1
      lifted.dispatch(ActionCreators.jumpToState(last))
    },
  }
}
