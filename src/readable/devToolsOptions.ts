import { assertArgument, InvalidArgumentError } from '../../slices/rules/errors.js'
import { isPlainObject } from '../../slices/rules/json.js'
import type { RuntimeState } from '../../slices/state.js'
import { readableAction } from './action.js'
import { readableState } from './state.js'

export interface ReadableDevToolsOptions {
  /** What the instance is called in the panel. Default `'redux-agent-runtime'`. */
  readonly name?: string | undefined
  /** Where the module is in a host's state. Default: the state is that of a runtime. */
  readonly reducerPath?: string | undefined
  /** Where the modules are, when there are several. */
  readonly reducerPaths?: readonly string[] | undefined
}

/** The part of the options of Redux DevTools that makes a runtime readable. */
export interface DevToolsOptions {
  readonly name: string
  readonly stateSanitizer: <State>(state: State, index?: number) => State
  readonly actionSanitizer: <Action extends { readonly type: unknown }>(action: Action, id?: number) => Action
}

/**
 * Options for `configureStore({ devTools })`, and for whatever else takes those of the Redux DevTools extension: sessions by id and
 * actions by telling names. Only the panel sees them: the store stays as it is.
 *
 * @throws {InvalidArgumentError} `name` or a path is blank, or both `reducerPath` and `reducerPaths` are given.
 * @example
 * configureStore({ reducer, devTools: devToolsOptions({ reducerPath: agents.reducerPath }) })
 */
export function devToolsOptions(options: ReadableDevToolsOptions = {}): DevToolsOptions {
  const { name = 'redux-agent-runtime' } = options
  assertName('name', name)
  const paths = pathsOf(options)
  if (paths === null) return { name, stateSanitizer: readable, actionSanitizer: readableAction }
  const prefixes = paths.map((path) => `${path}/`)
  return {
    name,
    stateSanitizer: (state) => readableAt(state, paths),
    actionSanitizer: (action) => {
      const { type } = action
      const isOurs = typeof type === 'string' && prefixes.some((prefix) => type.startsWith(prefix))
      return isOurs ? readableAction(action) : action
    },
  }
}

function pathsOf({ reducerPath, reducerPaths }: ReadableDevToolsOptions): readonly string[] | null {
  if (reducerPath !== undefined && reducerPaths !== undefined) {
    throw new InvalidArgumentError('reducerPaths', reducerPaths, 'left out where reducerPath is given')
  }
  assertArgument(reducerPaths === undefined || Array.isArray(reducerPaths), 'reducerPaths', reducerPaths, 'a list')
  const paths = reducerPath === undefined ? reducerPaths : [reducerPath]
  for (const path of paths ?? []) assertName(reducerPath === undefined ? 'reducerPaths' : 'reducerPath', path)
  return paths ?? null
}

function assertName(field: string, name: unknown): void {
  assertArgument(typeof name === 'string' && name.trim() !== '', field, name, 'a non-blank string')
}

/** A module that is injected later is not in the state yet. */
function readableAt<State>(state: State, paths: readonly string[]): State {
  if (!isPlainObject(state)) return state
  const shown: Record<string, unknown> = { ...state }
  for (const path of paths) if (Object.hasOwn(shown, path)) shown[path] = readable(shown[path])
  return shown as State
}

/** For the types of Redux DevTools a sanitised state is one like the state. */
function readable<State>(state: State): State {
  return isRuntimeState(state) ? (readableState(state) as State) : state
}

function isRuntimeState(state: unknown): state is RuntimeState {
  if (!isPlainObject(state) || !isPlainObject(state['sessions']) || !isPlainObject(state['orchestrators'])) return false
  return typeof state['seq'] === 'number' && isPlainObject(state['sessions']['rows'])
}
