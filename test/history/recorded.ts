import { createAgentRuntime, type AgentSession, type EventLog, type Fact, type RuntimeState } from '../../src/index.js'
import { createManualClock, type ManualClock } from '../../src/testing/index.js'
import { DRAFT } from '../support/runtime.js'

/** A few sessions of every sort, one of which fails. */
export async function recordInto(
  log: EventLog,
): Promise<{ readonly state: RuntimeState; readonly clock: ManualClock }> {
  const clock = createManualClock(1_000)
  const runtime = createAgentRuntime({ log, clock, seed: 1 })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', qualityGate: 'standard' })
  await orchestrator.session(work, { threadId: 'user-42:essay' })
  await clock.advance(500)
  await orchestrator.session(work)
  await orchestrator.session(() => Promise.reject(new Error('gave up'))).catch(() => undefined)
  return { state: runtime.getState(), clock }
}

async function work(session: AgentSession): Promise<void> {
  await session.runTurn(() => 'text', DRAFT)
  await session.runTool('lookup', () => 1, { args: { term: 'log' } })
  session.evaluateGate('strict')
}

/** What a log holds, as plain JSON of its own. */
export async function factsIn(log: EventLog): Promise<Fact[]> {
  const facts: Fact[] = []
  for await (const fact of log.read()) facts.push(JSON.parse(JSON.stringify(fact)) as Fact)
  return facts
}
