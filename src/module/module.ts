import type { Middleware, UnknownAction } from '@reduxjs/toolkit'
import { assertArgument } from '../../slices/rules/errors.js'
import { initialState, type RuntimeState } from '../../slices/state.js'
import type { FactPayload } from '../../slices/facts.js'
import type { Fact } from '../../slices/fact.js'
import type { AgentRuntime } from '../agentRuntime.js'
import { checkModuleOptions, type ModuleOptions } from '../config/runtime.js'
import type { EventLog } from '../log/eventLog.js'
import { createMemoryLog, type MemoryLog } from '../log/memory.js'
import { restore, startRuntime, warnerOf } from '../startRuntime.js'
import { ShownState, type ShowingStore } from '../store/shownState.js'
import type { AgentSelectors } from './agentSelectors.js'
import { createCommands, type AgentCommands } from './commands.js'
import { devChecks, type DevChecks } from './devChecks.js'
import { createModuleMiddleware } from './middleware.js'
import { ModuleNotConnectedError } from './notConnectedError.js'
import { bindToPath } from './selectors.js'

/** An agent runtime as a part of a host's store. */
export interface AgentModule<Path extends string, Log extends EventLog = EventLog> {
  /** Under which key of the root state the reducer stands. The types of all actions begin with it. */
  readonly reducerPath: Path
  readonly reducer: (state: RuntimeState | undefined, action: { readonly type: string }) => RuntimeState
  /** Carries out commands. */
  readonly middleware: Middleware
  /** Creators of commands: plain actions that any component may dispatch. */
  readonly actions: AgentCommands<Path>
  /** For `useSelector`: over the host's root state, memoised. */
  readonly selectors: AgentSelectors<Readonly<Record<Path, RuntimeState>>>
  /** For `getDefaultMiddleware`. */
  readonly devChecks: DevChecks
  /**
   * Whether an action of the host's store tells of this kind of fact: for `addMatcher` and listeners.
   *
   * @example
   * const sessionCompleted = agents.matching(facts.sessionCompleted)
   * startListening({ matcher: sessionCompleted, effect: ({ payload }) => … })
   */
  matching<Kind extends { readonly type: string }>(
    kind: Kind,
  ): (action: { readonly type: string }) => action is Fact<FactPayload<Kind>> & UnknownAction
  /**
   * Starts the runtime in the host's store, with an empty log. The same store gets the same runtime again.
   *
   * @throws {ModuleNotConnectedError} Reducer or middleware are not in the store, or the runtime was closed.
   * @throws {InvalidArgumentError} It was started in another store, another module has its path, or the log has facts: `open` goes on
   * with those.
   */
  start(store: ShowingStore): AgentRuntime<Log>
  /**
   * Starts the runtime in the host's store, with what its log holds. The same store gets the same runtime again.
   *
   * @throws {ModuleNotConnectedError | InvalidArgumentError | LogCorruptError | LogVersionError}
   */
  open(store: ShowingStore): Promise<AgentRuntime<Log>>
}

/**
 * An agent runtime for a host's store: reducer, middleware, commands and selectors, as RTK Query has them. Everything is made anew
 * for each call, so one store may have several modules. For server rendering, make one for each store.
 *
 * @param options.reducerPath - Default `'agents'`.
 * @throws {InvalidArgumentError} An option does not fit.
 * @example
 * const agents = createAgentModule({ reducerPath: 'agents' })
 * const store = configureStore({
 *   reducer: { [agents.reducerPath]: agents.reducer },
 *   middleware: (getDefaultMiddleware) => getDefaultMiddleware(agents.devChecks).concat(agents.middleware),
 * })
 * const runtime = agents.start(store)
 */
export function createAgentModule<const Path extends string = 'agents', Log extends EventLog = MemoryLog>(
  options: ModuleOptions<Log> & { readonly reducerPath?: Path } = {},
): AgentModule<Path, Log> {
  checkModuleOptions(options)
  const { reducerPath = 'agents' as Path, log = createMemoryLog() as EventLog as Log, ...rest } = options
  const shown = new ShownState(`${reducerPath}/`)
  const select = (root: unknown): RuntimeState | undefined =>
    (root as Partial<Record<string, RuntimeState>> | undefined)?.[reducerPath]
  const commands = createCommands(reducerPath)
  const { middleware, begin, serve } = createModuleMiddleware(reducerPath, commands, shown)
  const missing = (what: ModuleNotConnectedError['missing']) => new ModuleNotConnectedError(reducerPath, what)
  let startedIn: ShowingStore | undefined
  let opening: Promise<AgentRuntime<Log>> | undefined
  let runtime: AgentRuntime<Log> | undefined

  function claim(store: ShowingStore): void {
    if (runtime && !shown.isConnected) throw missing('closed')
    if (startedIn) {
      return assertArgument(startedIn === store, 'store', store, 'the store that the module was started in')
    }
    assertArgument(
      typeof (store as Partial<ShowingStore> | undefined)?.dispatch === 'function',
      'store',
      store,
      'a store',
    )
    // A copy: only this module's reducer, under its path, can make the store hold it.
    const state = { ...initialState }
    if (!begin(store, state)) throw missing('middleware')
    const held = select(store.getState())
    if (held !== state) throw missing(held ? 'state' : 'reducer')
    startedIn = store
  }

  function run(store: ShowingStore, state: RuntimeState): AgentRuntime<Log> {
    shown.connect(store, select, state, warnerOf(rest))
    runtime = startRuntime<Log>({ ...rest, log }, shown)
    serve(runtime)
    return runtime
  }

  return {
    reducerPath,
    reducer: shown.reducer,
    middleware,
    actions: commands,
    selectors: bindToPath(reducerPath),
    devChecks: devChecks({ reducerPath }),
    matching: (kind) => shown.types.matching(kind),
    start(store) {
      claim(store)
      if (runtime) return runtime
      if (opening) throw missing('opening')
      assertArgument(log.head() === 0, 'log', log, 'an empty log; open goes on with one that has facts')
      return run(store, initialState)
    },
    async open(store) {
      claim(store)
      if (runtime) return runtime
      opening ??= restore({ ...rest, log }).then((state) => run(store, state))
      try {
        return await opening
      } finally {
        opening = undefined
      }
    },
  }
}
