import { instrument, type InstrumentExt } from '@redux-devtools/instrument'
import type { Action, Reducer, StoreEnhancer } from '@reduxjs/toolkit'
import type { Clock } from '../../sagas/clock.js'
import { MonitoredStore } from './monitored.js'
import { settingsOf, type ConnectDevToolsOptions, type DevToolsSettings } from './options.js'
import { createRelayClient, type RelayClient } from './relayClient.js'
import type { HistoryStore } from './history.js'

/** What a connection takes from its process. */
export interface ConnectEnvironment {
  /** Its timers keep no process alive. */
  readonly clock: Clock
  /** Calls back when what runs now has run. Keeps no process alive. */
  readonly soon: (callback: () => void) => void
  /** No other store of any program has the same. */
  readonly createId: () => string
  readonly defaultName: string
}

/** A store enhancer, and the end of its connections. */
export interface DevToolsEnhancer extends StoreEnhancer {
  /** Ends the connection for good. The store stays as it is, and shows its last state. */
  disconnect(): void
}

const CONGESTION_PAUSE_MS = 100

export function createDevToolsEnhancer(
  options: ConnectDevToolsOptions,
  environment: ConnectEnvironment,
): DevToolsEnhancer {
  const settings = settingsOf(options, environment.defaultName)
  const clients = new Set<RelayClient>()

  const enhancer: StoreEnhancer = (createStore) => (reducer, preloadedState) => {
    const lift = instrument(undefined, { maxAge: settings.maxAge, pauseActionType: '@@PAUSED' })
    const store = lift(createStore)(reducer, preloadedState) as ReturnType<typeof createStore> &
      InstrumentExt<unknown, Action, null>
    clients.add(connectStore(store.liftedStore, reducer as Reducer, settings, environment))
    return store as never
  }

  return Object.assign(enhancer, {
    disconnect() {
      for (const client of clients) client.close()
      clients.clear()
    },
  })
}

function connectStore(
  history: HistoryStore,
  reducer: Reducer,
  settings: DevToolsSettings,
  { clock, soon, createId }: ConnectEnvironment,
): RelayClient {
  const monitored = new MonitoredStore(settings, {
    history,
    reducer: reducer as Reducer<unknown, Action>,
    instanceId: createId(),
    send: (message) => client.send(message),
    isCongested: () => client.isCongested(),
    soon,
    later: (callback) => void clock.setTimeout(callback, CONGESTION_PAUSE_MS),
  })
  const client = createRelayClient(settings, clock, {
    onMessage: (message) => monitored.answer(message),
    onLost: () => monitored.release(),
  })
  history.subscribe(monitored.changed)
  return client
}
