import { errorCode, type Disk } from './disk.js'
import { LogLockedError } from '../log/logLockedError.js'
import { isGone, parseOwner, thisProcess } from './owner.js'

export interface Lock {
  release(): Promise<void>
}

/**
 * Takes the right to write a log: a file beside it that names its owner.
 *
 * @param path - Of the log.
 * @throws {LogLockedError} Another writer has it, and is not known to have ended.
 */
export function lockLog(disk: Disk, path: string): Promise<Lock> {
  return acquire(disk, path, `${path}.lock`)
}

async function acquire(disk: Disk, path: string, file: string): Promise<Lock> {
  const owner = await thisProcess(disk)
  const text = `${JSON.stringify(owner)}\n`
  for (;;) {
    if (await publish(disk, file, owner.id, text)) return { release: () => removeIf(disk, file, text) }
    const held = await disk.readText(file)
    if (held === undefined) continue
    const other = parseOwner(held)
    if (!other || !(await isGone(disk, other))) throw new LogLockedError(path, other?.pid ?? null, other?.host ?? null)
    await clear(disk, path, file, held)
  }
}

/**
 * Removes the lock of a process that has ended. Of several who see it, the first removes it and takes the next; the second must not
 * remove that one too. So whoever removes holds the lock of the lock, and looks again when it does: as only its holder removes, and
 * locks are only made where none is, what it then sees stays. The lock of the lock may be left behind as well, and has its own.
 */
async function clear(disk: Disk, path: string, file: string, held: string): Promise<void> {
  const guard = await acquire(disk, path, `${file}.stale`)
  try {
    await removeIf(disk, file, held)
  } finally {
    await guard.release()
  }
}

async function removeIf(disk: Disk, file: string, text: string): Promise<void> {
  if ((await disk.readText(file)) === text) await disk.remove(file)
}

/** Written aside and then linked, so that nobody ever sees a lock without its owner. */
async function publish(disk: Disk, file: string, id: string, text: string): Promise<boolean> {
  const draft = `${file}.${id}`
  try {
    await disk.create(draft, text)
    await disk.link(draft, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    await disk.remove(draft)
  }
}
