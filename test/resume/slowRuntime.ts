import { openAgentRuntime, type AgentSession, type OrchestratorOptions } from '../../src/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { createSlowLog } from './slowLog.js'

/** A runtime on a log that is durable when the test says so. */
export async function startSlow(options: Partial<OrchestratorOptions> = {}) {
  const log = createSlowLog()
  const clock = createManualClock(1_000)
  const runtime = await openAgentRuntime({ log, clock, record: { results: 'json' }, onWarning: () => undefined })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', ...options })
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
