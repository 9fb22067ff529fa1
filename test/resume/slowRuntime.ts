import type { AgentSession, OrchestratorOptions } from '../../src/index.js'
import { createManualClock, openTestRuntime, settle } from '../../src/testing/index.js'
import { PRICING } from '../support/runtime.js'
import { createSlowLog } from './slowLog.js'

/** A runtime on a log that is durable when the test says so. */
export async function startSlow(options: Partial<OrchestratorOptions> = {}) {
  const log = createSlowLog()
  const { clock, runtime, orchestrator } = await openTestRuntime({
    ...{ log, clock: createManualClock(1_000), pricing: PRICING, record: { results: 'json' } },
    ...{ role: 'writer', phase: 'draft', model: undefined },
    onWarning: () => undefined,
    ...options,
  })
  const run = <T>(fn: (session: AgentSession) => Promise<T>, threadId: string | undefined = 't') => {
    const events: string[] = []
    const ended = orchestrator.session(fn, { threadId })
    ended.then(
      () => events.push('returned'),
      () => events.push('threw'),
    )
    return { ended, events }
  }
  const types = () => log.facts().map(({ type }) => type)
  return { log, clock, runtime, orchestrator, run, types }
}

/** Whatever can go on without a write does. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await settle()
}
