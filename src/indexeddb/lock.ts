import { LogLockedError } from '../log/logLockedError.js'

/** A page that is reloaded lets go of its lock a moment after the next one has begun to run. */
const PATIENCE_MS = 1_000

export interface Lock {
  release(): void
}

/**
 * Takes the right to write a log, for as long as this page or worker lives. The browser takes it back from one that is gone.
 *
 * A page that is no secure context has no locks: there, a second writer is found out when it writes.
 *
 * @param name - Of the database.
 * @throws {LogLockedError} Another page or worker has it, and keeps it for another second.
 */
export async function lockLog(name: string): Promise<Lock> {
  // Node 20 has no navigator, and its tests may bring an IndexedDB of their own.
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: LockManager } }
  const locks = navigator?.locks
  if (!locks) return { release: () => undefined }
  const signal = AbortSignal.timeout(PATIENCE_MS)
  return new Promise((resolve, reject) => {
    const hold = () => new Promise<void>((release) => resolve({ release }))
    const held = locks.request(`redux-agent-runtime/${name}`, { signal }, hold)
    held.catch((error: unknown) => reject(signal.aborted ? locked(name) : error))
  })
}

function locked(name: string): LogLockedError {
  return new LogLockedError(name, null, null, `${name} is open for writing in another tab or worker of this site`)
}
