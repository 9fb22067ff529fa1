import { LogCorruptError } from '../../slices/logErrors.js'

/**
 * What is said of a fact that a database should have and has not.
 *
 * @param stream - `undefined`: it was missed in the order of the log, not in that of a stream.
 * @param position - Its `seq`, or which of its stream's facts it is, from 1.
 */
export function missingFact(stream: string | undefined, position: number): LogCorruptError {
  if (stream === undefined) return new LogCorruptError({ seq: position }, 'it is missing')
  return new LogCorruptError({}, `fact ${position} of a stream is missing`)
}
