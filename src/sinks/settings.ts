import * as v from 'valibot'
import { count, delayMs, functionOf, nonBlank, oneOf, positiveCount } from '../config/schema.js'
import type { Sink, SinkItemKind } from './sink.js'

export const SINK_ITEM_KINDS = ['fact', 'event', 'usage'] as const satisfies readonly SinkItemKind[]

const LONGEST_RETRY_DELAY_MS = 30_000

const named = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && v.is(nonBlank, (value as { name?: unknown }).name),
  'a sink with a name',
)

const kinds = `a list of at least one of ${SINK_ITEM_KINDS.join(', ')}`
const method = v.optional(functionOf('a function'))

/** Only to check with: what it returns is a copy, and a sink may be the instance of a class. */
export const sinksSchema = v.array(
  v.pipe(
    named,
    v.object({
      fact: method,
      event: method,
      usage: method,
      batch: method,
      wants: v.optional(v.pipe(v.array(oneOf(SINK_ITEM_KINDS), kinds), v.minLength(1, kinds))),
      maxBatch: v.optional(positiveCount),
      maxQueued: v.optional(positiveCount),
      retries: v.optional(count),
      retryDelayMs: v.optional(delayMs),
    }),
  ),
  'a list of sinks',
)

export interface BatchSettings {
  readonly wants: ReadonlySet<SinkItemKind>
  readonly maxBatch: number
  readonly maxQueued: number
  readonly retries: number
  readonly retryDelayMs: number
}

/** What a sink says of its batches, with the defaults. */
export function batchSettings(sink: Sink): BatchSettings {
  const { wants = SINK_ITEM_KINDS, maxBatch = 500, maxQueued = 10_000, retries = 3, retryDelayMs = 1_000 } = sink
  return { wants: new Set(wants), maxBatch, maxQueued, retries, retryDelayMs }
}

/** @param failures - How many attempts have failed, from 1. */
export function retryAfterMs({ retryDelayMs }: BatchSettings, failures: number): number {
  return Math.max(retryDelayMs, Math.min(LONGEST_RETRY_DELAY_MS, retryDelayMs * 2 ** (failures - 1)))
}
