import { orchestratorRegistered } from './facts.js'
import { NotFoundError } from './rules/errors.js'
import type { OrchestratorConfig } from './rules/orchestratorConfig.js'
import { emptyTable, getRow, setRow, type Table } from './rules/table.js'
import { numberOf } from './rules/ids.js'
import { defineSlice } from './slice.js'

/** Configurations, by the number in their id. */
export interface Orchestrators {
  readonly count: number
  readonly rows: Table<OrchestratorConfig>
}

export const orchestrators = defineSlice<Orchestrators>({ count: 0, rows: emptyTable }, (on) => {
  on(orchestratorRegistered, ({ count, rows }, { payload: { orchestratorId, config } }) => ({
    count: count + 1,
    rows: setRow(rows, numberOf(orchestratorId), config),
  }))
})

/** @throws {NotFoundError} */
export function selectOrchestrator(state: { readonly orchestrators: Orchestrators }, id: string): OrchestratorConfig {
  const config = getRow(state.orchestrators.rows, numberOf(id))
  if (!config) throw new NotFoundError('orchestrator', id)
  return config
}
