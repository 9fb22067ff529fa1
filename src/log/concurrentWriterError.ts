import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** Somebody else writes to this log. Nothing was appended. */
export class ConcurrentWriterError extends AgentRuntimeError {
  override readonly name = 'ConcurrentWriterError'
  readonly code = 'concurrent_writer'

  /** @param stream - `null`: the log as a whole. */
  constructor(
    readonly stream: string | null,
    readonly expectedVersion: number,
    readonly actualVersion: number,
  ) {
    const what = stream === null ? 'the log' : `stream ${stream}`
    super(`${what} is at version ${actualVersion}, expected ${expectedVersion}: it has another writer`)
  }
}
