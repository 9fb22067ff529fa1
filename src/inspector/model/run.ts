import type { Fact } from '../../../slices/fact.js'
import { factAfter, initialState, replayFact, type AnyFact, type RuntimeState } from '../../../slices/state.js'
import { describeFact } from '../../transcript/describe.js'
import { CallSpans } from '../../transcript/spans.js'
import type { Readable } from '../../readable/compact.js'
import { readableState } from '../../readable/state.js'
import { BreakerHistory, type BreakerLane } from './breakers.js'
import { SessionHistories, type SessionHistory } from './sessionHistory.js'
import { createSeek } from './seek.js'
import { listSessions, type SessionEntry } from './sessions.js'
import { Spending, type CostSeries } from './spending.js'

/** One recorded log, read as far as it can be. Never changes: what is derived from it may be remembered for it. */
export interface Run {
  /** In the version of today. `facts[0]` has the `seq` 1. */
  readonly facts: readonly AnyFact[]
  /** Why no more facts could be read after these, in one line. `null`: these are all. */
  readonly damage: string | null
  /** The `seq` of the last fact. 0: there is none. */
  readonly head: number
  /** Unix ms. 0: there are no facts. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
  /** The state after the last fact. */
  readonly last: RuntimeState
  /** In the order of their registration, those included that the runtime forgot. */
  readonly sessions: readonly SessionEntry[]
  /** What each session did, by its id. */
  readonly histories: ReadonlyMap<string, SessionHistory>
  /** What all sessions paid together, over time. */
  readonly cost: CostSeries
  /** By name, in the order of their names. */
  readonly breakers: readonly BreakerLane[]
  factAt(seq: number): AnyFact | undefined
  /**
   * The state after a fact. Replays some hundred facts at most.
   *
   * @param seq - 0: before the first one. What is beyond the ends of the log counts as that end.
   */
  stateAt(seq: number): RuntimeState
  /** The state for people: sessions, threads and breakers by their names. Its shape may change in any version. */
  readableAt(seq: number): Readable
  /** What happened, in a few words. Nothing that was said is in it. */
  describe(seq: number): string
  /** What the call took that this fact ends, in milliseconds. `null`: it ends none, or nobody knows. */
  tookMs(seq: number): number | null
}

/** @throws {LogCorruptError | LogVersionError} As `replay`. */
export function createRun(facts: Iterable<Fact>): Run {
  const builder = new RunBuilder()
  for (const fact of facts) builder.add(fact)
  return builder.finish()
}

/** Reads a log fact by fact. */
export class RunBuilder {
  readonly #facts: AnyFact[] = []
  readonly #seek = createSeek(this.#facts)
  readonly #spans = new CallSpans()
  readonly #tookMs = new Map<number, number>()
  readonly #histories = new SessionHistories()
  readonly #spending = new Spending()
  readonly #breakers = new BreakerHistory()
  #state = initialState

  /** How many facts were read. */
  get count(): number {
    return this.#facts.length
  }

  /** @throws {LogCorruptError | LogVersionError} As `replay`. */
  add(stored: Fact): void {
    const before = this.#state
    const fact = factAfter(before.seq, stored) as AnyFact
    const state = replayFact(before, fact)
    this.#state = state
    this.#facts.push(fact)
    this.#seek.passed(state)
    const tookMs = this.#spans.add(fact)
    if (tookMs !== null) this.#tookMs.set(state.seq, tookMs)
    const step = { fact, before, state }
    this.#histories.add(step)
    this.#spending.add(step)
    this.#breakers.add(step)
  }

  /**
   * Nothing is added after that.
   *
   * @param damage - Why no more facts could be read.
   */
  finish(damage: string | null = null): Run {
    const facts = this.#facts
    const { pricing } = this.#state
    const firstAt = facts[0]?.meta.at ?? 0
    const lastAt = facts.at(-1)?.meta.at ?? 0
    const histories = this.#histories.finish()
    const tookMs = (seq: number) => this.#tookMs.get(seq) ?? null
    return {
      facts,
      damage,
      head: facts.length,
      firstAt,
      lastAt,
      last: this.#state,
      histories,
      sessions: listSessions(histories, this.#state),
      cost: this.#spending.finish(),
      breakers: this.#breakers.finish(lastAt),
      factAt: (seq) => facts[seq - 1],
      stateAt: this.#seek.stateAt,
      readableAt: (seq) => readableState(this.#seek.stateAt(seq)),
      describe: (seq) => {
        const fact = facts[seq - 1]
        // A fact names its price by its place in the list, which only grows.
        return fact ? describeFact(fact, { prices: pricing, tookMs: tookMs(seq) }) : ''
      },
      tookMs,
    }
  }
}
