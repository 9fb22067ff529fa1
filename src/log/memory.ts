import * as v from 'valibot'
import type { Fact } from '../../slices/fact.js'
import type { AnyFact } from '../../slices/state.js'
import { parse, positiveCount, strictOptions } from '../config/schema.js'
import { ConcurrentWriterError } from './concurrentWriterError.js'
import { deepFreeze } from './deepFreeze.js'
import type { EventLog, ReadOptions } from './eventLog.js'
import { LogUnavailableError } from './logUnavailableError.js'
import { copyStored } from './storedFacts.js'
import { assertNumbered } from './streamHeads.js'

/** A log in this process's memory. */
export interface MemoryLog extends EventLog {
  /** The facts it holds, oldest first. The list is a copy; the facts are frozen. */
  facts(stream?: string): readonly AnyFact[]
}

export interface MemoryLogOptions {
  /** Keeps only this many of the latest facts. A log that has dropped facts cannot be replayed. Default: keeps all. */
  readonly capacity?: number
  /** What it holds from the beginning: recorded facts, from the first on. A copy is kept. Default: nothing. */
  readonly facts?: readonly Fact[]
}

const schema = strictOptions({
  capacity: v.optional(v.union([positiveCount, v.literal(Infinity)], 'a positive integer')),
  facts: v.optional(v.custom<readonly Fact[]>(Array.isArray, 'a list of facts')),
})

/**
 * @throws {InvalidArgumentError} An option does not fit, or is not known. Names the first fact that is none, or not the one that
 * comes next.
 * @example
 * const runtime = await openAgentRuntime({ log: createMemoryLog({ facts: recorded }) })
 */
export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const { capacity = Infinity, facts: stored = [] } = parse(schema, options)
  let kept = copyStored(stored) as AnyFact[]
  let head = kept.length
  let isClosed = false

  function facts(stream?: string): readonly AnyFact[] {
    const latest = kept.slice(-capacity)
    freezeLatest(latest)
    return stream === undefined ? latest : latest.filter((fact) => fact.meta.stream === stream)
  }

  return {
    append(stream, appended, expectedVersion) {
      if (isClosed) throw new LogUnavailableError('closed')
      if (expectedVersion !== undefined) {
        const version = facts(stream).length
        if (version !== expectedVersion) throw new ConcurrentWriterError(stream, expectedVersion, version)
      }
      assertNumbered(stream, appended)
      const [first] = appended
      if (first && first.meta.seq !== head + 1) throw new ConcurrentWriterError(null, first.meta.seq - 1, head)
      for (const fact of appended) kept.push(fact as AnyFact)
      head += appended.length
      // Dropping half at a time keeps an append O(1) on average.
      if (kept.length >= 2 * capacity) kept = kept.slice(-capacity)
    },
    async *read({ stream, from = 0 }: ReadOptions = {}) {
      yield* facts(stream).slice(from)
    },
    head: (stream) => (stream === undefined ? head : facts(stream).length),
    flush: () => (isClosed ? Promise.reject(new LogUnavailableError('closed')) : undefined),
    async close() {
      isClosed = true
    },
    facts,
  }
}

/** Nobody changes what was recorded. Frozen when they are read: a turn would pay a third of its time for it. */
function freezeLatest(facts: readonly Fact[]): void {
  for (let index = facts.length - 1; index >= 0 && !Object.isFrozen(facts[index]); index -= 1) {
    deepFreeze(facts[index])
  }
}
