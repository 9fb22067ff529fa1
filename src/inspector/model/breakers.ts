import { breakerStateAt, recoversAt, type Breaker, type BreakerState } from '../../../slices/rules/breaker.js'
import type { Step } from '../../transcript/step.js'

/** How one circuit breaker stood over time. */
export interface BreakerLane {
  readonly name: string
  /** One after the other, without gaps, from when it was configured to the end of the log. */
  readonly intervals: readonly BreakerInterval[]
}

export interface BreakerInterval {
  readonly state: BreakerState
  /** Unix ms. */
  readonly from: number
  /** Unix ms. */
  readonly to: number
  /** The fact that began it. `null`: time did, an open breaker whose time is up is half-open. */
  readonly fromSeq: number | null
  /** Failures in a row when it began. */
  readonly failures: number
}

interface Change {
  readonly seq: number
  readonly at: number
  readonly breaker: Breaker
}

/** Gathers the changes of all breakers in one pass. */
export class BreakerHistory {
  readonly #changes = new Map<string, Change[]>()

  add({ fact: { meta }, before, state }: Step): void {
    if (state.breakers === before.breakers) return
    for (const [name, breaker] of Object.entries(state.breakers)) {
      const changes = this.#changes.get(name) ?? []
      if (changes.at(-1)?.breaker === breaker) continue
      changes.push({ seq: meta.seq, at: meta.at, breaker })
      this.#changes.set(name, changes)
    }
  }

  /** @param until - The end of the log, in Unix ms. */
  finish(until: number): readonly BreakerLane[] {
    return [...this.#changes]
      .map(([name, changes]) => ({ name, intervals: intervalsOf(changes, until) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

function intervalsOf(changes: readonly Change[], until: number): readonly BreakerInterval[] {
  const intervals: BreakerInterval[] = []
  for (const [index, { seq, at, breaker }] of changes.entries()) {
    const to = Math.max(at, changes[index + 1]?.at ?? until)
    const halfOpenAt = breaker.state === 'open' ? Math.max(at, recoversAt(breaker)) : Infinity
    const { failures } = breaker
    append(intervals, {
      state: breakerStateAt(breaker, at),
      from: at,
      to: Math.min(to, halfOpenAt),
      fromSeq: seq,
      failures,
    })
    if (halfOpenAt < to) append(intervals, { state: 'half_open', from: halfOpenAt, to, fromSeq: null, failures })
  }
  return intervals
}

/** Changes that are none of the state go on with the interval before. */
function append(intervals: BreakerInterval[], next: BreakerInterval): void {
  const last = intervals.at(-1)
  if (last?.state === next.state) intervals[intervals.length - 1] = { ...last, to: next.to }
  else intervals.push(next)
}
