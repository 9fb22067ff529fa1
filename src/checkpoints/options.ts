import * as v from 'valibot'
import type { JsonObject } from '../../slices/rules/json.js'
import { nonBlank, parse, strictOptions } from '../config/schema.js'
import type { ListOptions, PutOptions } from './checkpointStore.js'
import { frozenJson } from './frozenJson.js'

/*
 * What a checkpoint store takes, and how it is checked: alike in every store.
 */

const putSchema = strictOptions({ parentId: v.optional(v.nullable(nonBlank), null), metadata: v.optional(v.unknown()) })

const limitWords = 'an integer or Infinity'

const listSchema = strictOptions({
  before: v.optional(nonBlank),
  limit: v.optional(
    v.pipe(
      v.number(limitWords),
      v.check((limit) => Number.isSafeInteger(limit) || limit === Infinity, limitWords),
    ),
    10,
  ),
})

/** @throws {InvalidArgumentError} Names the option: `metadata.run`. */
export function parsePutOptions(options: PutOptions): {
  readonly parentId: string | null
  readonly metadata: JsonObject
} {
  const { parentId, metadata = {} } = parse(putSchema, options)
  return { parentId, metadata: frozenJson(metadata, 'metadata') }
}

/** @throws {InvalidArgumentError} Names the option. */
export function parseListOptions(options: ListOptions): {
  readonly before?: string | undefined
  readonly limit: number
} {
  return parse(listSchema, options)
}
