import { useEffect, useState } from 'react'
import { compareRuns, type Comparison } from '../../model/index.js'
import { useLogs, type LoadedLog } from '../data/logs.js'
import { selectionOf, type Part } from './part.js'

export type Compared =
  | { readonly status: 'comparing' }
  | { readonly status: 'compared'; readonly comparison: Comparison }
  | { readonly status: 'failed'; readonly message: string }

/** Compares, when the page has said that it does. */
export function useComparison(a: Part, b: Part): Compared {
  const logs = useLogs()
  const [compared, setCompared] = useState<Compared>({ status: 'comparing' })
  useEffect(() => {
    setCompared({ status: 'comparing' })
    const timer = setTimeout(() => void compare(logs, a, b).then(setCompared))
    return () => clearTimeout(timer)
  }, [logs, a, b])
  return compared
}

async function compare(logs: readonly LoadedLog[], a: Part, b: Part): Promise<Compared> {
  const [runA, runB] = [logs[a.log]?.run, logs[b.log]?.run]
  if (!runA || !runB) return { status: 'failed', message: 'There is no second log' }
  try {
    const comparison = await compareRuns(runA, runB, { a: selectionOf(a), b: selectionOf(b) })
    return { status: 'compared', comparison }
  } catch (error) {
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
