import type { EventLog } from '../../src/index.js'
import type { Disk, DiskFile } from '../../src/jsonl/disk.js'
import type { Death } from './job.js'

/** A log whose process dies when it has taken so many facts, or has made facts durable so many times. */
export function dyingLog(log: EventLog, death: Death | null): EventLog {
  if (death?.at !== 'fact' && death?.at !== 'flush') return log
  const { at, nth } = death
  let facts = 0
  const flushes = new Set<Promise<void>>()
  return {
    append(stream, appended, expectedVersion) {
      log.append(stream, appended, expectedVersion)
      facts += appended.length
      if (at === 'fact' && facts >= nth) die()
    },
    flush() {
      const flushed = log.flush()
      if (at === 'fact' || !flushed || flushes.has(flushed)) return flushed
      flushes.add(flushed)
      const position = flushes.size
      return flushed.then(() => (position >= nth ? die() : undefined))
    },
    read: (options) => log.read(options),
    head: (stream) => log.head(stream),
    close: () => log.close(),
    ...(log.snapshots && { snapshots: log.snapshots }),
  }
}

/** A disk that takes so many bytes of the log and no more, or whose process dies around an fsync. */
export function dyingDisk(disk: Disk, path: string, death: Death | null): Disk {
  if (death === null || death.at === 'fact' || death.at === 'flush') return disk
  return {
    ...disk,
    async open(opened, flags) {
      const file = await disk.open(opened, flags)
      return opened === path ? dyingFile(file, death) : file
    },
  }
}

function dyingFile(file: DiskFile, { at, nth }: Death): DiskFile {
  let taken = 0
  let syncs = 0
  return {
    async write(buffer, offset, length, position) {
      const rest = nth - taken
      if (at === 'byte' && length >= rest) {
        await file.write(buffer, offset, rest, position)
        die()
      }
      const result = await file.write(buffer, offset, length, position)
      taken += result.bytesWritten
      return result
    },
    async datasync() {
      syncs += 1
      if (at === 'before_sync' && syncs >= nth) die()
      await file.datasync()
      if (at === 'after_sync' && syncs >= nth) die()
    },
    read: (...args) => file.read(...args),
    stat: () => file.stat(),
    truncate: (size) => file.truncate(size),
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}
