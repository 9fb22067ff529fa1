import { differencesAt } from '../../history/differences.js'
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
  const before = run.readableAt(seq - 1)
  const after = run.readableAt(seq)
  const found = [...differencesAt({ ...before, seq: 0 }, { ...after, seq: 0 })]
  return found.map(({ path, ...sides }) => ({
    path: path.map(String),
    ...('a' in sides && { before: sides.a }),
    ...('b' in sides && { after: sides.b }),
  }))
}
