import { createMemoryLog, LogUnavailableError, type MemoryLog } from '../../src/index.js'
import { deferred } from '../support/runtime.js'

export interface SlowLog extends MemoryLog {
  /** How many facts are durable. */
  readonly durable: number
  /** Makes everything durable that was appended so far. */
  write(): void
  /** Fails what is not durable, and everything later. */
  fail(cause: Error): void
  /** From now on every write is done at once. */
  hurry(): void
}

/** A log in memory that is durable when the test says so. */
export function createSlowLog(): SlowLog {
  const log = createMemoryLog()
  let durable = 0
  let isSlow = true
  let failure: LogUnavailableError | undefined
  let pending: ReturnType<typeof deferred<undefined>> | undefined
  const settle = (end: (write: NonNullable<typeof pending>) => void): void => {
    const write = pending
    pending = undefined
    if (write) end(write)
  }
  return {
    ...log,
    append(stream, facts, expectedVersion) {
      if (failure) throw failure
      log.append(stream, facts, expectedVersion)
      if (!isSlow) durable = log.head()
    },
    flush() {
      if (failure) return Promise.reject(failure)
      if (durable === log.head()) return undefined
      return (pending ??= deferred<undefined>()).promise
    },
    get durable() {
      return durable
    },
    write() {
      durable = log.head()
      settle(({ resolve }) => resolve(undefined))
    },
    fail(cause) {
      const error = new LogUnavailableError('failed', { cause })
      failure = error
      settle(({ reject }) => reject(error))
    },
    hurry() {
      isSlow = false
      this.write()
    },
  }
}
