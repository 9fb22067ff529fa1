import type { DevToolsEnhancerOptions, StoreEnhancer } from '@reduxjs/toolkit'
import * as v from 'valibot'
import type { Clock } from '../../sagas/clock.js'
import type { Redact } from '../../sagas/recording.js'
import type { RuntimeWarning } from '../../sagas/saidWarnings.js'
import type { TimeTravel } from '../../sagas/timeTravel.js'
import type { EventLog } from '../log/eventLog.js'
import type { SinkWarning } from '../sinks/failures.js'
import { sinksSchema } from '../sinks/settings.js'
import type { Sink } from '../sinks/sink.js'
import { count, flag, functionOf, nonBlank, oneOf, parse, strictOptions, waitMs } from './schema.js'

export interface ModuleOptions<Log extends EventLog> {
  /** Where facts are kept. Default: in memory. */
  readonly log?: Log | undefined
  /** Default: real time. */
  readonly clock?: Clock | undefined
  readonly sinks?: readonly Sink[] | undefined
  /** What of results enters the log. Default: nothing. */
  readonly record?: RecordOptions | undefined
  /** Ended sessions that stay in the state. Older ones are folded into the totals. Default 1,000. */
  readonly retainEndedSessions?: number | undefined
  /**
   * Threads without a running session that stay in the state, with what they used and what their idempotency keys answer. Those
   * that had no new session for the longest time go first. Default 10,000.
   */
  readonly retainThreads?: number | undefined
  /** An integer from which all random waits follow. Default: another one in each process. */
  readonly seed?: number | undefined
  /** What calls do while DevTools shows another state than that of the log: wait until it is live again, or reject. Default `'wait'`. */
  readonly whileTimeTravelling?: TimeTravel['calls'] | undefined
  /** Told of what is odd but no error. Default: `console.warn`. */
  readonly onWarning?: ((warning: RuntimeWarning | SinkWarning) => void) | undefined
}

/** Of a runtime with a store of its own. */
export interface RuntimeOptions<Log extends EventLog> extends ModuleOptions<Log> {
  /** Connects to the Redux DevTools extension, with these options. Default false. */
  readonly devTools?: boolean | DevToolsEnhancerOptions | undefined
  /** Of the store, such as that of DevTools that are not the extension. They see what is dispatched last. Default: none. */
  readonly enhancers?: readonly StoreEnhancer[] | undefined
}

export interface RecordOptions {
  /**
   * `'json'`: what the turns, tools, steps and functions of threads return, and what they throw, is recorded, so that another process
   * can take up a thread that was left unfinished. `'none'`, the default: it is not, and such a thread can only begin anew.
   */
  readonly results?: 'none' | 'json' | undefined
  /**
   * What is recorded instead of a result, of an error's message or of a field of it. A process that takes the thread up gets what was
   * recorded. When it throws, nothing is.
   */
  readonly redact?: Redact | undefined
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

const moduleEntries = {
  log: v.optional(objectWith<EventLog>(['append', 'flush', 'read', 'head', 'close'], 'an event log')),
  clock: v.optional(objectWith<Clock>(['now', 'setTimeout', 'clearTimeout'], 'a clock')),
  sinks: v.optional(sinksSchema),
  record: v.optional(
    strictOptions({
      results: v.optional(oneOf(['none', 'json'])),
      redact: v.optional(functionOf<Redact>('a function')),
    }),
  ),
  retainEndedSessions: v.optional(count),
  retainThreads: v.optional(count),
  seed: v.optional(count),
  whileTimeTravelling: v.optional(oneOf(['wait', 'reject'])),
  onWarning: v.optional(functionOf('a function')),
}

const runtimeSchema = v.strictObject(
  {
    ...moduleEntries,
    devTools: v.optional(v.union([flag, v.record(v.string(), v.unknown())], 'true, false or an object of options')),
    enhancers: v.optional(v.array(functionOf<StoreEnhancer>('a store enhancer'), 'a list of store enhancers')),
  },
  'an object of options',
)

/** @throws {InvalidArgumentError} Names the first option that does not fit, and its value. */
export function checkRuntimeOptions(options: RuntimeOptions<EventLog>): void {
  parse(runtimeSchema, options, '')
}

const moduleSchema = v.strictObject({ ...moduleEntries, reducerPath: v.optional(nonBlank) }, 'an object of options')

/** @throws {InvalidArgumentError} Names the first option that does not fit, and its value. */
export function checkModuleOptions(
  options: ModuleOptions<EventLog> & { readonly reducerPath?: string | undefined },
): void {
  parse(moduleSchema, options, '')
}

const drainSchema = strictOptions({ timeoutMs: v.optional(waitMs, 10_000) })

export function parseDrain(options: { readonly timeoutMs?: number | undefined }): { readonly timeoutMs: number } {
  return parse(drainSchema, options)
}
