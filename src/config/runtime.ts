import * as v from 'valibot'
import type { Clock, RuntimeWarning } from '../../sagas/context.js'
import type { EventLog } from '../log/eventLog.js'
import type { Sink } from '../sinks/sink.js'
import { count, flag, functionOf, nonBlank, parse } from './schema.js'

export interface RuntimeOptions<Log extends EventLog> {
  /** Where facts are kept. Default: in memory. */
  readonly log?: Log | undefined
  /** Default: real time. */
  readonly clock?: Clock | undefined
  readonly sinks?: readonly Sink[] | undefined
  /** Ended sessions that stay in the state. Older ones are folded into the totals. Default 1,000. */
  readonly retainEndedSessions?: number | undefined
  /** Connects to the Redux DevTools extension. Default false. */
  readonly devTools?: boolean | undefined
  /** Told of what is odd but no error. Default: `console.warn`. */
  readonly onWarning?: ((warning: RuntimeWarning) => void) | undefined
}

function objectWith<T>(methods: readonly (keyof T & string)[], words: string) {
  return v.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
    words,
  )
}

const sink = v.custom<Sink>(
  (value) => typeof value === 'object' && value !== null && v.is(nonBlank, (value as { name?: unknown }).name),
  'a sink with a name',
)

const schema = v.strictObject(
  {
    log: v.optional(objectWith<EventLog>(['append', 'read', 'head'], 'an event log')),
    clock: v.optional(objectWith<Clock>(['now', 'setTimeout', 'clearTimeout'], 'a clock')),
    sinks: v.optional(v.array(sink, 'a list of sinks')),
    retainEndedSessions: v.optional(count),
    devTools: v.optional(flag),
    onWarning: v.optional(functionOf('a function')),
  },
  'an object of options',
)

/** @throws {InvalidArgumentError} Names the first option that does not fit, and its value. */
export function checkRuntimeOptions(options: RuntimeOptions<EventLog>): void {
  parse(schema, options, '')
}
