import { createContext, use } from 'react'
import type { Run, ServedLog } from '../../model/index.js'

/** A log that was read. */
export interface LoadedLog {
  readonly log: ServedLog
  readonly run: Run
}

export const LogsContext = createContext<readonly LoadedLog[]>([])
export const RunContext = createContext<Run | null>(null)

/** All logs that were given: one, or two to be compared. */
export function useLogs(): readonly LoadedLog[] {
  return use(LogsContext)
}

/** The log that is looked at. */
export function useRun(): Run {
  const run = use(RunContext)
  if (!run) throw new Error('there is no log around this component')
  return run
}
