import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** A part of the module is not in the store. */
export class ModuleNotConnectedError extends AgentRuntimeError {
  override readonly name = 'ModuleNotConnectedError'
  readonly code = 'module_not_connected'

  /** @param missing - `runtime`: the module was not started. */
  constructor(
    readonly reducerPath: string,
    readonly missing: 'reducer' | 'middleware' | 'runtime',
  ) {
    super(`module '${reducerPath}' ${REMEDIES[missing]}`)
  }
}

const REMEDIES = {
  reducer: 'has no state in the store: add its reducer under its reducerPath, or inject it',
  middleware: 'does not hear of actions: add its middleware to the store',
  runtime: 'was not started: call start(store), or open(store) for a log that has facts',
}
