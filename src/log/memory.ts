import type { Fact } from '../../slices/fact.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { ConcurrentWriterError } from './concurrentWriterError.js'
import type { EventLog, ReadOptions } from './eventLog.js'

/** A log in this process's memory. */
export interface MemoryLog extends EventLog {
  /** The facts it holds, oldest first. A copy. */
  facts(stream?: string): readonly Fact[]
}

export interface MemoryLogOptions {
  /** Keeps only this many of the latest facts. A log that has dropped facts cannot be replayed. Default: keeps all. */
  readonly capacity?: number
}

export function createMemoryLog({ capacity = Infinity }: MemoryLogOptions = {}): MemoryLog {
  assertArgument(
    capacity === Infinity || (Number.isSafeInteger(capacity) && capacity > 0),
    'capacity',
    capacity,
    'a positive integer',
  )
  let kept: Fact[] = []

  function facts(stream?: string): readonly Fact[] {
    const latest = kept.slice(-capacity)
    return stream === undefined ? latest : latest.filter((fact) => fact.meta.stream === stream)
  }

  return {
    append(stream, appended, expectedVersion) {
      if (expectedVersion !== undefined) {
        const version = facts(stream).length
        if (version !== expectedVersion) throw new ConcurrentWriterError(stream, expectedVersion, version)
      }
      kept.push(...appended)
      // Dropping half at a time keeps an append O(1) on average.
      if (kept.length >= 2 * capacity) kept = kept.slice(-capacity)
    },
    async *read({ stream, from = 0 }: ReadOptions = {}) {
      yield* facts(stream).slice(from)
    },
    head: (stream) => facts(stream).length,
    facts,
  }
}
