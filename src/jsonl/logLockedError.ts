import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** The log is open for writing elsewhere. A log has one writer; those who only read need not wait for it. */
export class LogLockedError extends AgentRuntimeError {
  override readonly name = 'LogLockedError'
  readonly code = 'log_locked'

  /**
   * @param path - Of the log.
   * @param pid - Of the process that writes. `null`: its lock cannot be read.
   * @param host - Where that process runs.
   */
  constructor(
    readonly path: string,
    readonly pid: number | null,
    readonly host: string | null,
  ) {
    const who = pid === null ? 'somebody' : `process ${pid} on ${host ?? 'an unknown host'}`
    super(`${path} is open for writing by ${who}; if that is gone for good, remove ${path}.lock`)
  }
}
