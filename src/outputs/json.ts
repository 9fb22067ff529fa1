import * as v from 'valibot'
import { isPlainObject, type Json, type JsonObject } from '../../slices/rules/json.js'
import { flag, nonBlank, oneOf, parse, strictOptions } from '../config/schema.js'
import { invalidOutput, OutputInvalidError } from './outputInvalidError.js'
import type { OutputSpec } from './outputSpec.js'
import { parseJsonText, textOf } from './text.js'

const JSON_TYPES = ['object', 'array', 'string', 'number', 'boolean', 'null'] as const

export type JsonType = (typeof JSON_TYPES)[number]

interface JsonTypes {
  object: JsonObject
  array: readonly Json[]
  string: string
  number: number
  boolean: boolean
  null: null
}

export interface JsonOutputOptions<Type extends JsonType = JsonType> {
  /** Keys that the object must have. Their values may be null. Default: none, and it need not be an object. */
  readonly requiredKeys?: readonly string[] | undefined
  /** What the JSON must be at its top. Default: anything. */
  readonly requireType?: Type | undefined
  /** Takes JSON out of the Markdown code fence that it is the whole of. Default true. */
  readonly stripFences?: boolean | undefined
  /** Default `json`. */
  readonly name?: string | undefined
}

const optionsSchema = strictOptions({
  requiredKeys: v.optional(v.array(v.string('a string'), 'a list of keys'), []),
  requireType: v.optional(oneOf(JSON_TYPES)),
  stripFences: v.optional(flag, true),
  name: v.optional(nonBlank, 'json'),
})

/**
 * Text that is JSON.
 *
 * @throws {InvalidArgumentError} Names the option.
 * @example
 * const verdict = jsonOutput({ requireType: 'object', requiredKeys: ['decision', 'reason'] })
 */
export function jsonOutput<Type extends JsonType = JsonType>(
  options: JsonOutputOptions<Type> = {},
): OutputSpec<JsonTypes[Type]> {
  const { requiredKeys, requireType, stripFences, name } = parse(optionsSchema, options)
  return {
    name,
    parse(raw) {
      const value = parseJsonText(name, textOf(name, raw), stripFences)
      const type = typeOf(value)
      if (requireType !== undefined && type !== requireType) {
        throw invalidOutput(name, raw, `is of type ${type}, not ${requireType}`)
      }
      if (requiredKeys.length > 0) assertKeys(name, raw, value, requiredKeys)
      return value as JsonTypes[Type]
    },
  }
}

function assertKeys(name: string, raw: unknown, value: Json, requiredKeys: readonly string[]): void {
  if (!isPlainObject(value)) throw invalidOutput(name, raw, `is of type ${typeOf(value)}, not object`)
  const missing = requiredKeys.filter((key) => !Object.hasOwn(value, key))
  if (missing.length === 0) return
  const issues = missing.map((path) => ({ message: 'is missing', path }))
  throw new OutputInvalidError(name, `lacks ${missing.join(', ')}`, { raw, issues })
}

function typeOf(value: Json): JsonType {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}
