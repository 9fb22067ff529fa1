import { createWorld, TURN, type Scenario } from './world.js'

/** A writer that looks something up, passes its gate and hands off to an editor. */
export const agent: Scenario = async () => {
  const { runtime, orchestrator, clock } = createWorld({
    projectId: 7,
    budgetUsd: 1,
    qualityGate: 'standard',
    circuitBreaker: { name: 'model-api' },
    permissions: { roles: { writer: { mode: 'read_only' } }, tools: { publish: 'full_access' } },
    policy: [
      {
        name: 'advance',
        condition: { type: 'and', conditions: [{ type: 'phaseCompleted' }, { type: 'gatePassed' }] },
        actions: [{ action: 'advance_phase' }],
      },
    ],
  })
  runtime.configureBreaker({ name: 'search-api', failureThreshold: 3 })
  const editor = runtime.orchestrator({ role: 'editor', phase: 'review', projectId: 7 })
  const handoff = await orchestrator.session(
    async (session) => {
      await session.runTurn(() => 'a draft', TURN)
      await clock.advance(1_200)
      await session.runTool('lookup', () => 'a term', { args: { term: 'event log' } })
      await session.runTool('publish', () => 'never').catch(() => undefined)
      session.evaluateGate('strict')
      session.evaluatePolicy({ phaseCompleted: true, gateScore: 2 })
      return session.handoffTo('editor', { reason: 'ready for review', context: { draft: 1 } })
    },
    { threadId: 'user-42:essay' },
  )
  await clock.advance(60_000)
  await editor.session(
    async (session) => {
      await session.runTurn(() => 'an essay', { ...TURN, usage: { ...TURN.usage, cacheReadTokens: 2_000 } })
      await session.runTool('publish', () => 'done')
    },
    { handoff, threadId: 'user-42:essay' },
  )
  return runtime.log
}
