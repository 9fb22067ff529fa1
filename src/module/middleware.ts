import type { Action, Middleware } from '@reduxjs/toolkit'
import { assertArgument } from '../../slices/rules/errors.js'
import type { RuntimeState } from '../../slices/state.js'
import type { AgentRuntime } from '../agentRuntime.js'
import type { ShowingStore, ShownState } from '../store/shownState.js'
import { commandHandlers, type AgentCommands } from './commands.js'
import { ModuleNotConnectedError } from './notConnectedError.js'

/** What a module's middleware does once it is in a store. */
interface ModuleMiddleware {
  readonly middleware: Middleware
  /** Shows a state in a store, and tells whether its actions come by here. */
  begin(store: ShowingStore, state: RuntimeState): boolean
  /** Carries out commands for this runtime from now on. */
  serve(runtime: AgentRuntime): void
}

export function createModuleMiddleware(
  reducerPath: string,
  commands: AgentCommands,
  shown: ShownState,
): ModuleMiddleware {
  const handlers = commandHandlers(commands)
  let runtime: AgentRuntime | undefined
  let hasHeard = false

  /** A module that runs is not started again: another one is. */
  function hear(): void {
    const isFree = runtime === undefined || !shown.isConnected
    assertArgument(isFree, 'reducerPath', reducerPath, 'a path that no other module of the store has')
    hasHeard = true
  }

  /** A person who looks at the past must not decide about the present. */
  function carryOut(action: Action): void {
    const handler = handlers.get(action.type)
    if (!handler) return
    if (!runtime) throw new ModuleNotConnectedError(reducerPath, 'runtime')
    // There may be a new module under its path.
    if (!shown.isConnected) return
    if (action.type !== commands.goLive.type && !runtime.isLive()) throw shown.error()
    handler(runtime, (action as { readonly payload?: unknown }).payload)
  }

  return {
    middleware: () => (next) => (action) => {
      if ((action as Action).type === shown.types.startedType) hear()
      const wasLive = runtime !== undefined && shown.isLive()
      let result: unknown
      try {
        result = next(action)
      } finally {
        if (wasLive) shown.keepLive()
      }
      carryOut(action as Action)
      return result
    },
    begin(store, state) {
      hasHeard = false
      store.dispatch(shown.types.started(state))
      return hasHeard
    },
    serve: (started) => void (runtime = started),
  }
}
