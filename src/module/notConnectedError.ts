import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** The module cannot be used in this store, as it is. */
export class ModuleNotConnectedError extends AgentRuntimeError {
  override readonly name = 'ModuleNotConnectedError'
  readonly code = 'module_not_connected'

  /**
   * @param missing - `runtime`: it was not started; `opening`: not yet; `closed`: it is over; `state`: what stands under its path is
   * not its own.
   */
  constructor(
    readonly reducerPath: string,
    readonly missing: keyof typeof REMEDIES,
  ) {
    super(`module '${reducerPath}' ${REMEDIES[missing]}`)
  }
}

const REMEDIES = {
  reducer: 'has no state in the store: add its reducer under its reducerPath, or inject it',
  middleware: 'does not hear of actions: add its middleware to the store',
  runtime: 'has not started: call start(store), or await open(store) for a log that has facts',
  opening: 'is being opened: await open(store)',
  closed: 'was closed: make a new one',
  state:
    'does not find its own state in the store: is its reducer under its reducerPath, and DevTools at the last action?',
}
