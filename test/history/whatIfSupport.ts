import { expect } from 'vitest'
import type { AgentSession, MemoryLog, OrchestratorOptions } from '../../src/index.js'
import { whatIf } from '../../src/history/whatIf.js'
import type { WhatIfChanges } from '../../src/history/whatIfChanges.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

/** The log of one session. */
export async function record(
  run: (session: AgentSession) => Promise<unknown>,
  options: Partial<OrchestratorOptions> = {},
): Promise<MemoryLog> {
  const { orchestrator, runtime } = createTestRuntime(options)
  await orchestrator.session(run).catch(() => undefined)
  return runtime.log
}

/** What became of one session. Fails when there are more. */
export function only(log: MemoryLog, changes: WhatIfChanges) {
  const { sessions, totals } = whatIf(log.facts(), changes, { all: true })
  expect(sessions).toHaveLength(1)
  return { ...sessions[0]!, totals }
}

/** Turns of $0.033 each. */
export const turns = (count: number) => async (session: AgentSession) => {
  for (let turn = 0; turn < count; turn += 1) await session.runTurn(() => 'a', DRAFT)
}

/** The facts of this type, by `seq`. */
export const seqs = (log: MemoryLog, type: string) =>
  log.facts().flatMap((fact) => (fact.type === type ? [fact.meta.seq] : []))
