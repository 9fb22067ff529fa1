import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** There is no IndexedDB here that could keep a log. */
export class IndexedDbUnsupportedError extends AgentRuntimeError {
  override readonly name = 'IndexedDbUnsupportedError'
  readonly code = 'indexeddb_unsupported'

  constructor() {
    super('there is no IndexedDB here: browsers have it, in their pages and their workers')
  }
}
