import { useMemo } from 'react'
import { changesAt, type Run, type StateChange } from '../../model/index.js'

/** What a fact changed of the state. */
export function useChanges(run: Run, seq: number): readonly StateChange[] {
  return useMemo(() => (seq === 0 ? [] : changesAt(run, seq)), [run, seq])
}
