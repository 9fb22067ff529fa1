import { recordError, restoreError } from '../../../sagas/recordedErrors.js'
import { retryAfterMs } from '../../../sagas/retryAfter.js'
import type { RecordedAbout, Redact } from '../../../sagas/recording.js'
import { isRuntimeError, readField } from '../../../slices/rules/errors.js'
import { httpStatus } from '../../../slices/rules/failures.js'
import type { RecordedFailure } from './recordedRun.js'

const MAX_CAUSES = 5

/** @param now - Unix ms. */
export function recordFailure(
  error: unknown,
  now: number,
  redact: Redact | undefined,
  about: RecordedAbout,
  depth = 0,
): RecordedFailure {
  const recorded = recordError(error, redact, about)
  if (typeof error !== 'object' || error === null || isRuntimeError(error)) return recorded
  const waitMs = depth === 0 ? retryAfterMs(error, now) : undefined
  const status = httpStatus(error)
  const cause = readField(error, 'cause')
  return {
    ...recorded,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    ...(status !== undefined && { status }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: recordFailure(cause, now, redact, about, depth + 1) }),
  }
}

/**
 * An error like the one that was recorded.
 *
 * @param stack - Of the error itself, where it is still known.
 */
export function restoreFailure(
  { retryAfterMs, status, cause, ...recorded }: RecordedFailure,
  stack?: unknown,
): unknown {
  const error = restoreError(recorded)
  if (!(error instanceof Error)) return error
  const prototype = PROTOTYPES.get(recorded.name)
  if (prototype) Object.setPrototypeOf(error, prototype)
  if (retryAfterMs !== undefined) hide(error, 'headers', { 'retry-after-ms': String(retryAfterMs) })
  if (status !== undefined && readField(error, 'status') !== status) hide(error, 'status', status)
  if (cause !== undefined) hide(error, 'cause', restoreFailure(cause))
  if (typeof stack === 'string') hide(error, 'stack', stack)
  return error
}

/** Built-in errors that say by their class that the caller made a mistake. */
const PROTOTYPES: ReadonlyMap<string, object> = new Map([
  ['TypeError', TypeError.prototype],
  ['RangeError', RangeError.prototype],
])

function hide(error: Error, field: string, value: unknown): void {
  Object.defineProperty(error, field, { value, configurable: true, writable: true, enumerable: false })
}
