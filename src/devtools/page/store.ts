import { api, middlewares, rootReducer, saveSocketSettings, type ConnectionOptions } from '@redux-devtools/app'
import { configureStore, Tuple, type Middleware, type Reducer, type Store } from '@reduxjs/toolkit'
import { showOnce } from './showOnce.js'

/** The store of the official UI, connected to the relay that the page comes from: there is nothing to set by hand. */
export function createPageStore({ hostname, port }: Location): Store {
  const store = configureStore({
    reducer: rootReducer as Reducer,
    middleware: () => new Tuple(...([...middlewares, showOnce, api] as Middleware[])),
    devTools: false,
  })
  const relay = { type: 'custom', hostname, port: Number(port) || 80, secure: false } satisfies ConnectionOptions
  const settings = { ...relay, autoReconnectOptions: RECONNECT }
  store.dispatch({ ...saveSocketSettings(settings) })
  return store
}

/** In milliseconds. The relay is on this machine, and may be started again at any time. */
const RECONNECT = { initialDelay: 500, randomness: 250, multiplier: 1.5, maxDelay: 5_000 }
