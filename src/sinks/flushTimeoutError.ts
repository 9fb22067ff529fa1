import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** Sinks did not take in time what was queued for them. They go on taking it. */
export class SinkFlushTimeoutError extends AgentRuntimeError {
  override readonly name = 'SinkFlushTimeoutError'
  readonly code = 'sink_flush_timeout'

  /** @param sinks - Names of those that are behind. */
  constructor(
    readonly timeoutMs: number,
    readonly sinks: readonly string[],
  ) {
    super(`sinks were still behind after ${(timeoutMs / 1_000).toFixed(3)}s: ${sinks.join(', ')}`)
  }
}
