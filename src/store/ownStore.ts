import { configureStore, Tuple } from '@reduxjs/toolkit'
import type { RuntimeState } from '../../slices/state.js'
import type { RuntimeOptions } from '../config/runtime.js'
import type { EventLog } from '../log/eventLog.js'
import { devToolsOptions } from '../readable/devToolsOptions.js'
import type { ShowingStore, ShownState } from './shownState.js'

/**
 * A Redux store that holds a runtime's state and nothing else. The enhancers that were given are inside of what dispatches: DevTools
 * that are among them run reducers again when they travel through time, and nothing else.
 */
export function createOwnStore(
  shown: ShownState,
  state: RuntimeState,
  { enhancers = [], devTools = false }: Pick<RuntimeOptions<EventLog>, 'enhancers' | 'devTools'>,
): ShowingStore {
  return configureStore({
    reducer: shown.reducer,
    preloadedState: state,
    // The development checks of the default middleware walk the whole state on every fact.
    middleware: () => new Tuple(),
    enhancers: (defaults) => defaults({ autoBatch: false }).concat(...enhancers),
    devTools: devTools && { ...devToolsOptions(), ...(devTools === true ? {} : devTools) },
  })
}
