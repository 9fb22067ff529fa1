import { initialState, replayFact, type AnyFact, type RuntimeState } from '../../../slices/state.js'

export interface Seek {
  /** Told of each state, one fact after the other. */
  passed(state: RuntimeState): void
  /** The state after a fact, or at the end of the log that `seq` is beyond. */
  stateAt(seq: number): RuntimeState
}

// States share what did not change, so that one costs what happened since the one before.
const EVERY = 256

/** Keeps a state every so many facts, and makes those between by replaying from there, or from the one that was asked for last. */
export function createSeek(facts: readonly AnyFact[]): Seek {
  const kept: RuntimeState[] = [initialState]
  let last: RuntimeState = initialState
  return {
    passed(state) {
      if (state.seq % EVERY === 0) kept.push(state)
    },
    stateAt(asked) {
      const seq = Math.min(Math.max(0, Math.trunc(asked) || 0), facts.length)
      const nearest = kept[Math.floor(seq / EVERY)] ?? initialState
      let state = last.seq <= seq && last.seq >= nearest.seq ? last : nearest
      for (const fact of facts.slice(state.seq, seq)) state = replayFact(state, fact)
      last = state
      return state
    },
  }
}
