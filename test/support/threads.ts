import { afterEach, expect } from 'vitest'
import { replay, type OrchestratorOptions } from '../../src/index.js'
import { createTestRuntime, DRAFT, type TestRuntime } from './runtime.js'

export const THREAD = { threadId: 'user-42:essay' }
export const KEYED = { ...DRAFT, idempotencyKey: 'draft' }

/** Opens sessions of a thread. After each test their runtimes are in the state that their facts give. */
export function threadsThatReplay() {
  const runtimes: TestRuntime['runtime'][] = []
  afterEach(() => {
    for (const runtime of runtimes.splice(0)) expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })
  return async function openThread(options: Partial<OrchestratorOptions> = {}) {
    const test = createTestRuntime(options)
    runtimes.push(test.runtime)
    return { ...test, session: await test.orchestrator.open(THREAD) }
  }
}
