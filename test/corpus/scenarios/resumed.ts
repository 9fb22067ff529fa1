import { fork } from '../../../src/history/fork.js'
import { createMemoryLog, openAgentRuntime, type AgentSession } from '../../../src/index.js'
import { createManualClock, type ManualClock } from '../../../src/testing/index.js'
import { attempt, hang, setUp, TURN, type Scenario } from './world.js'

const ESSAY = { threadId: 'essay' }

/** A thread that its process left unfinished, taken up by another one, and forked. */
export const resumed: Scenario = async () => {
  const log = createMemoryLog()
  const clock = createManualClock(Date.UTC(2026, 0, 16))
  const first = await begin(log, clock)
  void attempt(first.session((session) => write(session, hang), ESSAY))
  await clock.advance(5_000)
  // The process is killed here: what it began is settled by the next one.
  const second = await begin(log, clock)
  await attempt(second.session((session) => write(session, () => 'published'), ESSAY))
  await clock.advance(5_000)
  await fork(log, { ...ESSAY, at: 12, as: 'essay/calmer', clock })
  const third = await begin(log, clock)
  await attempt(third.session((session) => write(session, () => 'published'), { threadId: 'essay/calmer' }))
  return log
}

async function begin(log: ReturnType<typeof createMemoryLog>, clock: ManualClock) {
  const onWarning = () => undefined
  return setUp(await openAgentRuntime({ log, clock, seed: 7, record: { results: 'json' }, onWarning }))
}

async function write(session: AgentSession, publish: () => unknown): Promise<string> {
  session.now()
  session.random()
  const draft = await session.runTurn(() => 'a draft', { ...TURN, name: 'draft' })
  await session.step('check', () => ({ words: 120 }))
  await session.sleep(1_000)
  await session.runTool('publish', publish, { args: { title: 'logs' }, idempotent: true })
  await session.runTurn(() => 'a summary', { ...TURN, name: 'summary' })
  return draft.value
}
