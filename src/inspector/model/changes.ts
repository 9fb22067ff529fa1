import { differences } from '../../history/differences.js'
import type { Run } from './run.js'

/** A place of the readable state that a fact changed. A side that has nothing there is left out. */
export interface StateChange {
  /** `['sessions', 'session-1', 'turns', 'started']` */
  readonly path: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** What a fact changed, the innermost places. */
export function changesAt(run: Run, seq: number): readonly StateChange[] {
  const [before, after] = [run.readableAt(seq - 1), run.readableAt(seq)]
  return [...differences(before, after)].map(({ path, ...values }) => ({
    path: path.split('.'),
    ...('a' in values && { before: values.a }),
    ...('b' in values && { after: values.b }),
  }))
}
