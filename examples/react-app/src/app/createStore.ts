import { configureStore, type StoreEnhancer } from '@reduxjs/toolkit'
import createSagaMiddleware from 'redux-saga'
import { devToolsOptions } from 'redux-agent-runtime'
import type { ModelSettings } from '../agents/scriptedModel.js'
import { model } from '../host/model.js'
import { notices, noticesSaga } from '../host/notices.js'
import { stories } from '../host/stories.js'
import { timeline } from '../host/timeline.js'
import type { Agents } from './createAgents.js'

export type AppStore = ReturnType<typeof createStore>
export type RootState = ReturnType<AppStore['getState']>

export interface StoreOptions {
  readonly settings: ModelSettings
  /** Of the monitors in the page. Default: none, and the extension is connected when it is there. */
  readonly instrument?: StoreEnhancer | undefined
}

/** The store of this app: four slices of its own, its own saga middleware, and the agents beside them. */
export function createStore(agents: Agents, { settings, instrument }: StoreOptions) {
  const saga = createSagaMiddleware()
  const store = configureStore({
    reducer: {
      timeline,
      stories,
      model: model.reducer,
      notices: notices.reducer,
      [agents.reducerPath]: agents.reducer,
    },
    preloadedState: { model: settings },
    middleware: (getDefaultMiddleware) => getDefaultMiddleware(agents.devChecks).concat(agents.middleware, saga),
    // Innermost, so that travelling through time runs reducers again and nothing else.
    enhancers: (getDefaultEnhancers) => (instrument ? getDefaultEnhancers().concat(instrument) : getDefaultEnhancers()),
    devTools:
      import.meta.env.DEV && !instrument && devToolsOptions({ name: 'Newsroom', reducerPath: agents.reducerPath }),
  })
  saga.run(noticesSaga, agents)
  return store
}
