import { LogCorruptError } from '../../slices/logErrors.js'
import { InvalidArgumentError, isRuntimeError } from '../../slices/rules/errors.js'
import { errorCode, PATH_REFUSALS } from '../jsonl/disk.js'
import { LogUnavailableError } from '../log/logUnavailableError.js'
import { isResult } from './driverErrors.js'

/** What is said of a path that cannot be used. Anything else is about the disk. */
const REFUSALS = ['SQLITE_CANTOPEN', 'SQLITE_READONLY'] as const

/** @param place - The path, or the database, that was to be opened. */
export function notALog(place: unknown, why: string): InvalidArgumentError {
  return refusal(place, `is not a log: ${why}`)
}

/** What went wrong while a log was opened, as an error of this library. */
export function openError(error: unknown, place: unknown): unknown {
  if (isRuntimeError(error)) return error
  if (isResult(error, 'SQLITE_NOTADB')) return notALog(place, 'it is no SQLite database')
  if (isResult(error, 'SQLITE_CORRUPT')) return new LogCorruptError({}, 'the database file is malformed')
  const refused = REFUSALS.find((name) => isResult(error, name))
  const code = refused ?? errorCode(error) ?? ''
  if (refused || PATH_REFUSALS.has(code)) return refusal(place, `cannot be opened: ${code}`)
  return new LogUnavailableError('failed', { cause: error })
}

function refusal(place: unknown, why: string): InvalidArgumentError {
  const name = typeof place === 'string' ? place : 'the database'
  return new InvalidArgumentError('pathOrDatabase', place, 'a log', `${name} ${why}`)
}
