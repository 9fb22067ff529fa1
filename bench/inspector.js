// @ts-check
import { createAgentRuntime } from '../dist/src/index.js'
import { changesAt, createRun } from '../dist/src/inspector/model/index.js'
import { medians, microseconds } from './measure.js'

/** A slider over a recorded run of 100,000 facts: the state at any of them, and what one changed. */
export async function inspecting() {
  const runtime = createAgentRuntime({ retainEndedSessions: 20_000 })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'your-model' })
  while (runtime.log.head() < 100_000) {
    await writer.session(async (session) => {
      for (let count = 0; count < 3; count += 1)
        await session.runTurn(() => 1, { usage: { inputTokens: 5, outputTokens: 2 } })
    })
  }
  const run = createRun(runtime.log.facts())
  let seq = 1
  // Far enough from the one before that nothing is gone on from.
  const next = () => (seq = ((seq + 37_501) % run.head) + 1)
  const values = await medians(9, {
    inspector_state_at_us: () => microseconds(200, () => run.stateAt(next())),
    inspector_changes_at_us: () => microseconds(200, () => changesAt(run, next())),
  })
  return Object.entries(values).map(([name, value]) => ({ name, value: Number(value.toPrecision(3)), unit: 'us' }))
}
