import type { AgentSession, EventLog, Fact, RuntimeState } from '../../src/index.js'
import { createManualClock, createTestRuntime, type ManualClock } from '../../src/testing/index.js'
import { DRAFT, PRICING } from '../support/runtime.js'

/** A few sessions of every sort, one of which fails. */
export async function recordInto(
  log: EventLog,
): Promise<{ readonly state: RuntimeState; readonly clock: ManualClock }> {
  const { runtime, orchestrator, clock } = createTestRuntime({
    ...{ log, clock: createManualClock(1_000), pricing: PRICING },
    ...{ role: 'writer', phase: 'draft', model: undefined, qualityGate: 'standard' },
  })
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
