import * as v from 'valibot'
import { isPromiseLike } from '../../sagas/effects.js'
import type { Hook, HookInfo, HookPoint } from '../../sagas/hooks.js'
import { flag, functionOf, nonBlank, parse } from '../config/schema.js'
import { HOOK_POINTS } from './points.js'

/** What went in or out at one point. */
export interface IoRecord {
  readonly point: HookPoint
  readonly sessionId: string
  readonly role: string
  /** The model of a turn, the tool, or the role handed off to. */
  readonly name: string
  readonly type: IoType
  /** Characters of a string, items of an array, map or set, bytes of a buffer, keys of an object. `null`: it has no size. */
  readonly size: number | null
  /** The value itself. Only with `includeContent`. */
  readonly content?: unknown
}

export type IoType =
  'string' | 'number' | 'bigint' | 'boolean' | 'symbol' | 'undefined' | 'function' | 'object' | 'null' | 'array'

export interface IoLoggerOptions {
  /** Default `io_logger`. */
  readonly name?: string | undefined
  /** Where a record goes. What it throws stops the call, as from any hook. */
  readonly write: (record: IoRecord) => void | PromiseLike<void>
  /** Whether records carry the values, with everything that is in them. Default false: their types and sizes only. */
  readonly includeContent?: boolean | undefined
}

const schema = v.strictObject(
  {
    name: v.optional(nonBlank, 'io_logger'),
    write: functionOf<IoLoggerOptions['write']>('a function of a record'),
    includeContent: v.optional(flag, false),
  },
  'an object of options',
)

/**
 * Writes a record of what goes into and comes out of models, tools and handoffs, and changes none of it. Put it after a
 * redactor to log what that one left.
 *
 * @throws {InvalidArgumentError} `write` is no function, or the name is blank.
 */
export function createIoLogger(options: IoLoggerOptions): Hook {
  const { name, write, includeContent } = parse(schema, options, '')
  const log = (point: HookPoint) => (value: unknown, info: HookInfo) => {
    const record = { point, sessionId: info.sessionId, role: info.role, name: info.name, ...measure(value) }
    return unchanged(write(includeContent ? { ...record, content: value } : record))
  }
  return { name, ...Object.fromEntries(HOOK_POINTS.map((point) => [point, log(point)])) }
}

function measure(value: unknown): { readonly type: IoType; readonly size: number | null } {
  if (value === null) return { type: 'null', size: null }
  if (Array.isArray(value)) return { type: 'array', size: value.length }
  if (typeof value === 'string') return { type: 'string', size: value.length }
  return { type: typeof value, size: typeof value === 'object' ? sizeOf(value) : null }
}

function sizeOf(object: object): number {
  if (object instanceof Map || object instanceof Set) return object.size
  if (object instanceof ArrayBuffer || ArrayBuffer.isView(object)) return object.byteLength
  return Object.keys(object).length
}

/** Hooks that return nothing leave the value as it is. */
function unchanged(written: void | PromiseLike<void>): PromiseLike<undefined> | undefined {
  return isPromiseLike(written) ? written.then(() => undefined) : undefined
}
