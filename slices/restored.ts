import { turnReplayed } from './facts.js'
import { emptyHashTable, getEntry, setEntry, type HashTable } from './rules/hashTable.js'
import { defineSlice } from './slice.js'
import { addUsage, type Usage } from './usage.js'

/** What idempotency keys answered one session with from turns of other sessions. It counts for this one, and was paid for once. */
export interface Restored {
  /** By `session/turn`: a turn that answers twice counts once. */
  readonly turns: HashTable<true>
  readonly usage: Usage
}

export const restored = defineSlice<Restored>({ turns: emptyHashTable, usage: [] }, (on) => {
  on(turnReplayed, (state, { payload }) => {
    const { sessionId, original } = payload
    const id = `${original.sessionId}/${original.turnId}`
    if (original.sessionId === sessionId || getEntry(state.turns, id)) return state
    return { turns: setEntry(state.turns, id, true), usage: addUsage(state.usage, payload, 1) }
  })
})
