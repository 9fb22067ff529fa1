import * as v from 'valibot'
import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import { nonBlank, parse, positiveCount, strictOptions } from '../config/schema.js'
import type { Sink, UsageRecord } from './sink.js'

export interface RingBufferSink extends Sink {
  /** The latest events, oldest first. A copy of the list; the events themselves are never changed by anybody. */
  events(): readonly AgentEvent[]
  usageRecords(): readonly UsageRecord[]
}

export interface RingBufferSinkOptions {
  /** Default `ring-buffer`. */
  readonly name?: string | undefined
  /** How many of the latest events, and of the latest usage records, to keep. Default 1,000. */
  readonly capacity?: number | undefined
}

const schema = strictOptions({ name: v.optional(nonBlank, 'ring-buffer'), capacity: v.optional(positiveCount, 1_000) })

/**
 * Keeps the latest in memory, to read.
 *
 * @throws {InvalidArgumentError} An option does not fit.
 */
export function createRingBufferSink(options: RingBufferSinkOptions = {}): RingBufferSink {
  const { name, capacity } = parse(schema, options)
  const events = createRing<AgentEvent>(capacity)
  const records = createRing<UsageRecord>(capacity)
  return { name, event: events.push, usage: records.push, events: events.read, usageRecords: records.read }
}

function createRing<T>(capacity: number): { push(item: T): void; read(): readonly T[] } {
  const slots: T[] = []
  let oldest = 0
  return {
    push(item) {
      if (slots.length < capacity) return void slots.push(item)
      slots[oldest] = item
      oldest = (oldest + 1) % capacity
    },
    read: () => [...slots.slice(oldest), ...slots.slice(0, oldest)],
  }
}
