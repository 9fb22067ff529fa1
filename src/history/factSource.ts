import type { Fact } from '../../slices/fact.js'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import type { EventLog } from '../log/eventLog.js'

/** A log, or facts from wherever they were kept, in their order. */
export type FactSource = Pick<EventLog, 'read'> | Iterable<Fact> | AsyncIterable<Fact>

/** @throws {InvalidArgumentError} Facts cannot be read from it. */
export function factsOf(source: FactSource, field: string): Iterable<Fact> | AsyncIterable<Fact> {
  // What JavaScript callers pass may be anything.
  const given: unknown = source
  if (typeof given === 'object' && given !== null) {
    if (Symbol.iterator in given || Symbol.asyncIterator in given) return given as Iterable<Fact>
    if ('read' in given && typeof given.read === 'function') return (given as Pick<EventLog, 'read'>).read()
  }
  throw new InvalidArgumentError(field, source, 'a log or an iterable of facts')
}
