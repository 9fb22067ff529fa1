import { useCallback } from 'react'
import { comparedFact, type ComparedFact, type ComparedRow } from '../../model/index.js'
import { useLogs } from '../data/logs.js'
import type { Part } from './part.js'

/** What stands on both sides of a row. */
export interface RowFacts {
  readonly a: ComparedFact | null
  readonly b: ComparedFact | null
}

/** Rows are many, and their facts are looked at one by one. */
export function useRowFacts(a: Part, b: Part): (row: ComparedRow) => RowFacts {
  const logs = useLogs()
  const [runA, runB] = [logs[a.log]?.run, logs[b.log]?.run]
  return useCallback(
    (row) => ({ a: runA ? comparedFact(runA, row.a) : null, b: runB ? comparedFact(runB, row.b) : null }),
    [runA, runB],
  )
}
