import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import { assertArgument } from '../../slices/rules/errors.js'
import type { Sink, UsageRecord } from './sink.js'

export interface RingBufferSink extends Sink {
  /** The latest events, oldest first. A copy of the list; the events themselves are never changed by anybody. */
  events(): readonly AgentEvent[]
  usageRecords(): readonly UsageRecord[]
}

/** @param options.capacity - How many of the latest events, and of the latest usage records, to keep. Default 1,000. */
export function createRingBufferSink(
  options: { readonly name?: string; readonly capacity?: number } = {},
): RingBufferSink {
  const { name = 'ring-buffer', capacity = 1_000 } = options
  assertArgument(Number.isSafeInteger(capacity) && capacity > 0, 'capacity', capacity, 'a positive integer')
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
