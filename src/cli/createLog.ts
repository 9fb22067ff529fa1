import { lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EventLog } from '../log/eventLog.js'
import { CliError } from './cliError.js'
import type { LogFormat } from './io.js'
import { systemReason } from './systemReason.js'

const FORMATS: Readonly<Record<string, LogFormat>> = {
  jsonl: 'jsonl',
  db: 'sqlite',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
}

/** @throws {CliError} The name says no format. */
function formatOfName(path: string): LogFormat {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const format = Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined
  if (!format) throw new CliError(`${path} must end in .jsonl, .db, .sqlite or .sqlite3`)
  return format
}

/**
 * Makes a new log, filled by `fill`. Its name says what it is. It gets that name when it is whole: until then it is in a folder
 * beside, which is gone afterwards.
 *
 * @throws {CliError} There is something at this path, its name says no format, or nothing can be written there.
 */
export async function createLog(path: string, fill: (log: EventLog) => Promise<void>): Promise<void> {
  const format = formatOfName(path)
  await assertFree(path)
  const folder = await mkdtemp(`${path}.unfinished-`).catch((error: unknown) => {
    throw new CliError(`${path} cannot be written: ${systemReason(error)}`)
  })
  try {
    const unfinished = join(folder, basename(path))
    await fillLog(await openForWriting(unfinished, format), fill)
    await assertFree(path)
    await rename(unfinished, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fillLog(log: EventLog, fill: (log: EventLog) => Promise<void>): Promise<void> {
  try {
    await fill(log)
  } finally {
    await log.close()
  }
}

async function assertFree(path: string): Promise<void> {
  const isTaken = await lstat(path).then(
    () => true,
    () => false,
  )
  if (isTaken) throw new CliError(`${path} exists already`)
}

/** Opens a log that is there. It is this process's until it is closed. */
export async function openForWriting(path: string, format: LogFormat): Promise<EventLog> {
  if (format === 'jsonl') return (await import('../jsonl/index.js')).openJsonlLog(path)
  return (await import('../sqlite/index.js')).openSqliteLog(path)
}
