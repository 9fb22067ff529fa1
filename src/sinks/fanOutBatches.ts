import { batchSettings, type BatchSettings } from './settings.js'
import type { Sink, SinkItem } from './sink.js'

/** Tells all of them, waits for their promises, and then throws the first error. */
export type TellAll = <T>(targets: readonly T[], tell: (target: T) => unknown) => void | Promise<void>

interface Member {
  readonly sink: Sink
  readonly settings: BatchSettings
}

/** What a fan-out takes in batches, for those of its sinks that do. */
export function shareBatches(sinks: readonly Sink[], tellAll: TellAll): Omit<Sink, 'name'> {
  const members = sinks.filter((sink) => sink.batch).map((sink): Member => ({ sink, settings: batchSettings(sink) }))
  const settings = members.map((member) => member.settings)
  // Who has not taken a batch yet, and their parts of it. It is the same array when it is tried again.
  const untaken = new WeakMap<readonly SinkItem[], Map<Member, readonly SinkItem[]>>()

  return {
    wants: [...new Set(settings.flatMap(({ wants }) => [...wants]))],
    maxBatch: Math.min(...settings.map(({ maxBatch }) => maxBatch)),
    maxQueued: Math.max(...settings.map(({ maxQueued }) => maxQueued)),
    retries: Math.max(...settings.map(({ retries }) => retries)),
    retryDelayMs: Math.max(...settings.map(({ retryDelayMs }) => retryDelayMs)),
    batch(items) {
      const parts = untaken.get(items) ?? partsOf(items, members)
      untaken.set(items, parts)
      return tellAll([...parts], async ([member, part]) => {
        await member.sink.batch?.(part)
        parts.delete(member)
      })
    },
  }
}

function partsOf(items: readonly SinkItem[], members: readonly Member[]): Map<Member, readonly SinkItem[]> {
  const parts = new Map<Member, readonly SinkItem[]>()
  for (const member of members) {
    const part = items.filter(({ kind }) => member.settings.wants.has(kind))
    if (part.length > 0) parts.set(member, part)
  }
  return parts
}
