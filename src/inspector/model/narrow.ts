import type { HashTable } from '../../../slices/rules/hashTable.js'
import { numberOf } from '../../../slices/rules/ids.js'
import { changedIndexes, emptyTable, getRow, setRow, type Table } from '../../../slices/rules/table.js'
import type { Thread } from '../../../slices/scopes.js'
import type { Session } from '../../../slices/sessions.js'
import type { RuntimeState } from '../../../slices/state.js'

/*
 * A runtime may hold tens of thousands of sessions, and a fact changes one or two. What people look at is made of states that hold
 * no others.
 */

/** Both states without the sessions and threads that are the same in both. */
export function narrowToChanges(a: RuntimeState, b: RuntimeState): readonly [RuntimeState, RuntimeState] {
  const sessions = [...changedIndexes(a.sessions.rows, b.sessions.rows)]
  const threads = [...changedIndexes(threadsOf(a).buckets, threadsOf(b).buckets)]
  return [narrow(a, sessions, threads), narrow(b, sessions, threads)]
}

/** The state without threads, and with no session but this one. */
export function narrowToSession(state: RuntimeState, sessionId: string): RuntimeState {
  return narrow(state, [numberOf(sessionId)], [])
}

function narrow(
  state: RuntimeState,
  sessionIndexes: readonly number[],
  threadIndexes: readonly number[],
): RuntimeState {
  const { sessions } = state
  const { scopes } = sessions
  const rows: Table<Session> = only(sessions.rows, sessionIndexes)
  // How many there are is not compared.
  const byId: HashTable<Thread> = { size: 0, buckets: only(threadsOf(state).buckets, threadIndexes) }
  const threads = { ...scopes.threads, byId }
  return { ...state, sessions: { ...sessions, rows, scopes: { ...scopes, threads } } }
}

function threadsOf({ sessions }: RuntimeState): HashTable<Thread> {
  return sessions.scopes.threads.byId
}

function only<Row>(table: Table<Row>, indexes: readonly number[]): Table<Row> {
  let kept: Table<Row> = emptyTable
  for (const index of indexes) {
    const row = index < 0 ? undefined : getRow(table, index)
    if (row !== undefined) kept = setRow(kept, index, row)
  }
  return kept
}
