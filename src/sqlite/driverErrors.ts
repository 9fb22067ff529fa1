import { AgentRuntimeError, isRuntimeError, readField } from '../../slices/rules/errors.js'
import { LogCorruptError, type LogPosition } from '../../slices/logErrors.js'
import { errorCode } from '../jsonl/disk.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'

/** https://sqlite.org/rescode.html */
const RESULTS = {
  SQLITE_READONLY: 8,
  SQLITE_CORRUPT: 11,
  SQLITE_CANTOPEN: 14,
  SQLITE_CONSTRAINT: 19,
  SQLITE_NOTADB: 26,
}

/** `node:sqlite` has the number of a result, better-sqlite3 its name; both of the extended one, `SQLITE_CONSTRAINT_PRIMARYKEY`. */
export function isResult(error: unknown, name: keyof typeof RESULTS): boolean {
  if (typeof error !== 'object' || error === null) return false
  const number = readField(error, 'errcode')
  if (typeof number === 'number') return (number & 0xff) === RESULTS[name]
  const code = errorCode(error) ?? ''
  return code === name || code.startsWith(`${name}_`)
}

/** What the database threw, as an error of this library. */
export function readError(error: unknown, position: LogPosition): AgentRuntimeError {
  if (isRuntimeError(error)) return error
  if (isMalformed(error)) return new LogCorruptError(position, 'the database file is malformed')
  return new LogUnavailableError('failed', { cause: error })
}

export function isMalformed(error: unknown): boolean {
  return isResult(error, 'SQLITE_CORRUPT') || isResult(error, 'SQLITE_NOTADB')
}
