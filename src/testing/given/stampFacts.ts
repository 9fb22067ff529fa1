import type { Fact, FactDraft } from '../../../slices/fact.js'
import { factVersions } from '../../../slices/factVersions.js'
import { assertArgument } from '../../../slices/rules/errors.js'
import { initialState, replayFact } from '../../../slices/state.js'
import { createMemoryLog, type MemoryLog } from '../../log/memory.js'
import { createRecorder } from '../../log/recorder.js'

/** Time that passes between facts. */
export interface Elapsed {
  readonly elapsedMs: number
}

/** A part of a history: a fact that is stamped, one that was recorded, or time. */
export type Given = FactDraft | Fact | Elapsed

/**
 * Between facts of a history: this much time passes.
 *
 * @throws {InvalidArgumentError} `ms` is negative or not finite.
 */
export function elapsed(ms: number): Elapsed {
  assertArgument(Number.isFinite(ms) && ms >= 0, 'ms', ms, 'a number from 0')
  return { elapsedMs: ms }
}

/** Where a history ends. */
export interface History {
  readonly log: MemoryLog
  /** Unix ms. */
  readonly now: number
}

/**
 * A log that holds these facts. Those that were not recorded are stamped: their number, the stream of their session, their version,
 * and the time, one millisecond after the fact before.
 *
 * @throws {InvalidArgumentError} Names the first that is no fact, or of a type that nobody knows.
 */
export function stampFacts(given: readonly Given[], startAt: number): History {
  const log = createMemoryLog()
  let now = startAt
  let state = initialState
  const publish = (fact: Fact): void => void (state = replayFact(state, fact))
  const record = createRecorder({
    log,
    clock: { now: () => now } as Parameters<typeof createRecorder>[0]['clock'],
    state: () => state,
    publish,
    onUnavailable: (error) => {
      throw error
    },
  })
  for (const [index, part] of given.entries()) {
    if (isElapsed(part)) {
      now += part.elapsedMs
      continue
    }
    assertKnown(part, index)
    if ('meta' in part) {
      log.append(part.meta.stream, [part])
      publish(part)
      now = part.meta.at
    } else {
      if (state.seq > 0) now += 1
      record(part)
    }
  }
  return { log, now }
}

function isElapsed(part: Given): part is Elapsed {
  // What JavaScript callers pass may be anything.
  return typeof (part as Partial<Elapsed> | null)?.elapsedMs === 'number'
}

function assertKnown(part: FactDraft | Fact, index: number): void {
  const type = (part as Partial<FactDraft> | null)?.type
  const isKnown = typeof type === 'string' && factVersions.has(type) && typeof part.payload === 'object'
  assertArgument(isKnown, `facts[${index}]`, part, 'a fact, such as facts.breakerReset({ name })')
}
