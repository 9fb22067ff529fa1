import { attempt, createWorld, TURN, type Scenario } from './world.js'

/** Sessions that reach their budget, their limits, and those of the provider. */
export const limits: Scenario = async () => {
  const { runtime, orchestrator, clock } = createWorld({
    budgetUsd: 0.05,
    enforceBudget: true,
    rateLimit: { name: 'provider', requests: { capacity: 3, refillPerSecond: 1 } },
    maxRateLimitWaitMs: 1_500,
    governance: [
      { limit: 'max_repeated_calls', value: 1, onBreach: 'alert' },
      { limit: 'max_tool_calls', value: 2 },
    ],
  })
  const spending = orchestrator.session(async (session) => {
    await session.runTurn(() => 1, TURN)
    await attempt(session.runTurn(() => 2, TURN))
    await attempt(session.runTurn(() => 'refused', TURN))
    session.raiseLimits({ budgetUsd: 1, maxIterations: 40 })
    const waiting = session.runTurn(() => 3, { ...TURN, estimate: { outputTokens: 500 } })
    await clock.advance(1_000)
    await waiting
    for (let call = 0; call < 3; call += 1) await attempt(session.runTool('lookup', () => 1, { args: { term: 'log' } }))
    session.clearFailures()
  })
  await attempt(spending)
  const counted = runtime.orchestrator({ role: 'reader', phase: 'draft', usageLimits: { maxTotalTokens: 6_000 } })
  await attempt(counted.session((session) => session.runTurn(() => 1, TURN)))
  return runtime.log
}
