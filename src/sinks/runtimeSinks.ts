import * as v from 'valibot'
import type { Clock } from '../../sagas/clock.js'
import { delayMs, parse, strictOptions } from '../config/schema.js'
import { Delivery, type SinkStatus } from './delivery.js'
import { SinkFailures, type SinkFailuresOptions } from './failures.js'
import { SinkFlushTimeoutError } from './flushTimeoutError.js'
import type { Sink } from './sink.js'
import { createSinkTeller, type TellSinks } from './teller.js'

/** The sinks of a runtime, as its user sees them. */
export interface RuntimeSinks {
  /** One for each sink, in their order. */
  status(): readonly SinkStatus[]
  /**
   * Resolves when everything that was queued until now was delivered or dropped. What failed waits for its retries.
   *
   * @param options.timeoutMs - Gives up waiting after this, in milliseconds. Default: no limit.
   * @throws {SinkFlushTimeoutError} A sink is still behind.
   */
  flush(options?: FlushOptions): Promise<void>
}

export interface FlushOptions {
  readonly timeoutMs?: number | undefined
}

const flushSchema = strictOptions({ timeoutMs: v.optional(delayMs) })

export function createRuntimeSinks(
  sinks: readonly Sink[],
  { clock, ...options }: SinkFailuresOptions & { readonly clock: Clock },
): { readonly tell: TellSinks; readonly handle: RuntimeSinks } {
  const failures = new SinkFailures(options)
  const deliveries = sinks.map((sink) => new Delivery(sink, clock, failures))
  return {
    tell: createSinkTeller({ deliveries, failures, state: options.state }),
    handle: {
      status: () => deliveries.map((delivery) => delivery.status()),
      async flush(options = {}) {
        const { timeoutMs } = parse(flushSchema, options)
        await flush(deliveries, clock, timeoutMs)
      },
    },
  }
}

async function flush(deliveries: readonly Delivery[], clock: Clock, timeoutMs: number | undefined): Promise<void> {
  const behind = new Set(deliveries)
  const flushed = Promise.all(deliveries.map((one) => one.flushed().then(() => behind.delete(one))))
  if (timeoutMs === undefined) {
    await flushed
    return
  }
  let timer: unknown
  const timedOut = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => {
      const names = Array.from(behind, (delivery) => delivery.status().name)
      reject(new SinkFlushTimeoutError(timeoutMs, names))
    }, timeoutMs)
  })
  await Promise.race([flushed, timedOut]).finally(() => clock.clearTimeout(timer))
}
