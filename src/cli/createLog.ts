import { access } from 'node:fs/promises'
import type { EventLog } from '../log/eventLog.js'
import { CliError } from './cliError.js'
import type { LogFormat } from './io.js'

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
 * Makes an empty log. What it is, its name says.
 *
 * @throws {CliError} There is something at this path, or its name says no format.
 */
export async function createLog(path: string): Promise<EventLog> {
  const format = formatOfName(path)
  if (await exists(path)) throw new CliError(`${path} exists already`)
  return openForWriting(path, format)
}

/** Opens a log that is there. It is this process's until it is closed. */
export async function openForWriting(path: string, format: LogFormat): Promise<EventLog> {
  if (format === 'jsonl') return (await import('../jsonl/index.js')).openJsonlLog(path)
  return (await import('../sqlite/index.js')).openSqliteLog(path)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
