import { differencesAt } from '../../history/differences.js'
import type { Readable } from '../../readable/compact.js'
import { isPlainObject } from '../../../slices/rules/json.js'
import { readableState } from '../../readable/state.js'
import { narrowToChanges, narrowToSession } from './narrow.js'
import type { Run } from './run.js'

/** A place of the readable state that a fact changed. A side that has nothing there is left out. */
export interface StateChange {
  /** `['sessions', 'session-1', 'turns', 'started']`: keys of records, and positions in arrays. */
  readonly path: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** What a fact changed: the innermost places. The count of facts is left out, every fact changes it. */
export function changesAt(run: Run, seq: number): readonly StateChange[] {
  const [before, after] = narrowToChanges(run.stateAt(seq - 1), run.stateAt(seq)).map(readableState)
  return [...differencesAt({ ...NONE, ...before, seq: 0 }, { ...NONE, ...after, seq: 0 })].map(
    ({ path, ...sides }) => ({
      path: path.map(String),
      ...('a' in sides && { before: sides.a }),
      ...('b' in sides && { after: sides.b }),
    }),
  )
}

/** Those that did not change are left out, and then there may be none. */
const NONE = { sessions: {}, threads: {} }

/** One session in the readable state after a fact. `null`: it is not there, not yet or not any more. Cheaper than the whole state. */
export function sessionAt(run: Run, seq: number, sessionId: string): Readable | null {
  const { sessions } = readableState(narrowToSession(run.stateAt(seq), sessionId))
  const session = isPlainObject(sessions) && Object.hasOwn(sessions, sessionId) ? sessions[sessionId] : undefined
  return isPlainObject(session) ? session : null
}
