import * as v from 'valibot'
import { isPromiseLike } from '../../sagas/effects.js'
import type { Fact } from '../../slices/fact.js'
import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import { flag, nonBlank, parse, strictOptions } from '../config/schema.js'
import { shareBatches } from './fanOutBatches.js'
import { sinksSchema } from './settings.js'
import type { Sink, SinkItemKind, UsageRecord } from './sink.js'

export interface FanOutSinkOptions {
  /** Default `fan-out`. */
  readonly name?: string | undefined
  /** Throws nothing, and so has no batch tried again. Default false. */
  readonly suppressErrors?: boolean | undefined
}

const optionsSchema = strictOptions({ name: v.optional(nonBlank, 'fan-out'), suppressErrors: v.optional(flag, false) })

/**
 * One sink for several. Every one is told, even when an earlier one throws; then the first error is thrown. Promises are waited for.
 *
 * Those that take batches share one queue, with the smallest `maxBatch` and the largest of their other numbers. When a batch is
 * tried again, those that took it are left out.
 *
 * @throws {InvalidArgumentError} An option or one of the sinks does not fit.
 */
export function createFanOutSink(sinks: readonly Sink[], options: FanOutSinkOptions = {}): Sink {
  parse(sinksSchema, sinks, 'sinks')
  const { name, suppressErrors } = parse(optionsSchema, options)
  const has = (method: SinkItemKind | 'batch') => sinks.some((sink) => sink[method])
  const tell = <T>(targets: readonly T[], one: (target: T) => unknown) => tellAll(targets, one, suppressErrors)
  return {
    name,
    ...(has('fact') && { fact: (fact: Fact) => tell(sinks, (sink) => sink.fact?.(fact)) }),
    ...(has('event') && { event: (event: AgentEvent) => tell(sinks, (sink) => sink.event?.(event)) }),
    ...(has('usage') && { usage: (record: UsageRecord) => tell(sinks, (sink) => sink.usage?.(record)) }),
    ...(has('batch') && shareBatches(sinks, tell)),
  }
}

/** Waits for promises only if there are any: an error that is thrown at once is thrown on at once. */
function tellAll<T>(targets: readonly T[], one: (target: T) => unknown, suppressErrors: boolean): void | Promise<void> {
  const failures: ({ readonly error: unknown } | undefined)[] = []
  const pending: Promise<void>[] = []
  for (const [index, target] of targets.entries()) {
    const fail = (error: unknown): void => void (failures[index] = { error })
    try {
      const returned = one(target)
      if (isPromiseLike(returned)) pending.push(Promise.resolve(returned).then(() => undefined, fail))
    } catch (error) {
      fail(error)
    }
  }
  const end = (): void => {
    const first = failures.find((failure) => failure !== undefined)
    if (first && !suppressErrors) throw first.error
  }
  return pending.length > 0 ? Promise.all(pending).then(end) : end()
}
