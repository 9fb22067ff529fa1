import type { Action, Middleware } from '@reduxjs/toolkit'
import type { AgentRuntime } from '../agentRuntime.js'
import type { ShowingStore, ShownState } from '../store/shownState.js'
import { commandHandlers, type AgentCommands } from './commands.js'
import { ModuleNotConnectedError } from './notConnectedError.js'

/** What a module's middleware does once it is in a store. */
interface ModuleMiddleware {
  readonly middleware: Middleware
  /** Whether a store's actions come by here. Lets reducers that were injected answer for the first time. */
  isIn(store: ShowingStore): boolean
  /** Carries out commands for this runtime from now on. */
  serve(runtime: AgentRuntime): void
}

export function createModuleMiddleware(
  reducerPath: string,
  commands: AgentCommands,
  shown: ShownState,
): ModuleMiddleware {
  const handlers = commandHandlers(commands)
  const probe: Action = { type: `${reducerPath}/runtime/started` }
  let runtime: AgentRuntime | undefined
  let hasHeard = false

  /** A person who looks at the past must not decide about the present. */
  function carryOut(action: Action): void {
    const handler = handlers.get(action.type)
    if (!handler) return
    if (!runtime) throw new ModuleNotConnectedError(reducerPath, 'runtime')
    if (action.type !== commands.goLive.type && !runtime.isLive()) throw shown.error()
    handler(runtime, (action as { readonly payload?: unknown }).payload)
  }

  return {
    middleware: () => (next) => (action) => {
      // Not the same object, where a middleware before this one copies actions.
      if ((action as Action).type === probe.type) hasHeard = true
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
    isIn(store) {
      hasHeard = false
      store.dispatch(probe)
      return hasHeard
    },
    serve: (started) => void (runtime = started),
  }
}
