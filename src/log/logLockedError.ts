import { AgentRuntimeError } from '../../slices/rules/errors.js'

/** The log is open for writing elsewhere. A log has one writer; those who only read need not wait for it. */
export class LogLockedError extends AgentRuntimeError {
  override readonly name = 'LogLockedError'
  readonly code = 'log_locked'

  /**
   * @param path - Of the log. In a browser: the name of its database.
   * @param pid - Of the process that writes. `null`: its lock cannot be read, or it is a browser's.
   * @param host - Where that process runs.
   * @param message - Default: a sentence of the three, and which file is the lock.
   */
  constructor(
    readonly path: string,
    readonly pid: number | null,
    readonly host: string | null,
    message = `${path} is open for writing by ${who(pid, host)}; if that is gone for good, remove ${path}.lock`,
  ) {
    super(message)
  }
}

function who(pid: number | null, host: string | null): string {
  return pid === null ? 'somebody' : `process ${pid} on ${host ?? 'an unknown host'}`
}
