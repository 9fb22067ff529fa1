import { api, middlewares, rootReducer, saveSocketSettings, type ConnectionOptions } from '@redux-devtools/app'
import { applyMiddleware, createStore, type Action, type Middleware, type Reducer, type Store } from 'redux'
import { subscribeOnce } from './subscribeOnce.js'

/** The store of the official UI, connected to the relay that the page comes from: there is nothing to set by hand. */
export function createPageStore({ hostname, port }: Location): Store {
  const socket = [...middlewares, subscribeOnce, api] as Middleware[]
  const store = createStore(rootReducer as Reducer, applyMiddleware(...socket))
  const relay = { type: 'custom', hostname, port: Number(port) || 80, secure: false } satisfies ConnectionOptions
  const settings = { ...relay, autoReconnectOptions: RECONNECT }
  store.dispatch(saveSocketSettings(settings) as unknown as Action)
  return store
}

/** In milliseconds. The relay is on this machine, and may be started again at any time. */
const RECONNECT = { initialDelay: 500, randomness: 250, multiplier: 1.5, maxDelay: 5_000 }
