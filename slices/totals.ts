import { emptyTable, getRow, setRow, type Table } from './rules/table.js'
import { addUsage, type TurnEnd, type Usage } from './usage.js'

/** What all sessions together used, those that were evicted included. */
export interface Totals {
  readonly runtime: Usage
  /** By project id. Sessions without a project are in none. */
  readonly projects: Table<Usage>
}

export const emptyTotals: Totals = { runtime: [], projects: emptyTable }

export function addToTotals({ runtime, projects }: Totals, projectId: number | null, end: TurnEnd): Totals {
  const project = projectId === null ? [] : (getRow(projects, projectId) ?? [])
  return {
    runtime: addUsage(runtime, end),
    projects: projectId === null ? projects : setRow(projects, projectId, addUsage(project, end)),
  }
}
