import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** Somebody else appended to this stream. Nothing was appended. */
export class ConcurrentWriterError extends AgentRuntimeError {
  override readonly name = 'ConcurrentWriterError'
  readonly code = 'concurrent_writer'

  constructor(
    readonly stream: string,
    readonly expectedVersion: number,
    readonly actualVersion: number,
  ) {
    super(`stream ${stream} is at version ${actualVersion}, expected ${expectedVersion}: it has another writer`)
  }
}
