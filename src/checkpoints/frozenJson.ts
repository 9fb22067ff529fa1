import { assertArgument } from '../../slices/rules/errors.js'
import { findNonJson, isPlainObject, type JsonObject } from '../../slices/rules/json.js'

/**
 * A copy of `value` that nobody can change, at any depth. Made once, it can be handed out for ever.
 *
 * @throws {InvalidArgumentError} `value` is not an object of JSON values. Names the first thing that JSON would lose or change.
 */
export function frozenJson(value: unknown, field: string): JsonObject {
  const expected = 'an object of JSON values'
  assertArgument(isPlainObject(value), field, value, expected)
  const lost = findNonJson(value)
  assertArgument(lost === undefined, lost ? `${field}.${lost}` : field, value, lost ? 'JSON' : expected)
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) => Object.freeze(item)) as JsonObject
}
