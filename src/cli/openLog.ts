import { open } from 'node:fs/promises'
import { plural } from '../transcript/words.js'
import { CliError } from './cliError.js'
import type { LogFormat, OpenedLog } from './io.js'
import { systemReason } from './systemReason.js'

const SQLITE_MAGIC = 'SQLite format 3\0'

/**
 * Opens a log for reading. What it is, its content says and not its name.
 *
 * @throws {CliError | AgentRuntimeError} There is nothing at this path that can be read, or no log, or a damaged one.
 */
export async function openLogFile(path: string): Promise<OpenedLog> {
  return (await formatOf(path)) === 'sqlite' ? openSqlite(path) : openJsonl(path)
}

async function openJsonl(path: string): Promise<OpenedLog> {
  const { openJsonlLog } = await import('../jsonl/index.js')
  const log = await openJsonlLog(path, { readOnly: true })
  const cut = log.recovered?.cutBytes ?? 0
  const note = `the last line of ${path} is half-written: its ${plural(cut, 'byte')} are left out, the rest is whole`
  return { path, format: 'jsonl', log, notes: cut > 0 ? [note] : [] }
}

async function openSqlite(path: string): Promise<OpenedLog> {
  const { openSqliteLog } = await import('../sqlite/index.js')
  return { path, format: 'sqlite', log: await openSqliteLog(path, { readOnly: true }), notes: [] }
}

async function formatOf(path: string): Promise<LogFormat> {
  const beginning = await readBeginning(path)
  if (beginning === '') throw new CliError(`${path} is not a log: it is empty`)
  return beginning.startsWith(SQLITE_MAGIC) ? 'sqlite' : 'jsonl'
}

async function readBeginning(path: string): Promise<string> {
  const file = await readable(path, open(path, 'r'))
  try {
    const buffer = Buffer.alloc(SQLITE_MAGIC.length)
    const { bytesRead } = await readable(path, file.read(buffer, 0, buffer.length, 0))
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function readable<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${systemReason(error)}`)
  }
}
