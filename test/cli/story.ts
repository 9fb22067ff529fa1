import { createAgentRuntime, type Fact } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'

const START = Date.UTC(2026, 0, 5, 9)

/**
 * A writer that uses tools, asks a person and hands off to an editor; a scout on a model without a price that fails; and one whose
 * process ended before it did.
 */
export async function tellStory(): Promise<readonly Fact[]> {
  const clock = createManualClock(START)
  const runtime = createAgentRuntime({ clock, seed: 7, onWarning: () => undefined })
  runtime.registerPricing({
    'small-model': { inputPerMillion: 3, outputPerMillion: 15, cacheReadPerMillion: 0.3 },
    'large-model': { inputPerMillion: 15, outputPerMillion: 75 },
  })
  const writer = runtime.orchestrator({
    role: 'writer',
    phase: 'draft',
    projectId: 42,
    model: 'small-model',
    permissions: { roles: { writer: { mode: 'read_only' } }, tools: { publish: 'full_access' } },
    qualityGate: 'standard',
    policy: [{ name: 'to review', condition: { type: 'gatePassed' }, actions: [{ action: 'advance_phase' }] }],
  })
  const editor = runtime.orchestrator({ role: 'editor', phase: 'review', projectId: 42, model: 'large-model' })
  const scout = runtime.orchestrator({ role: 'scout', phase: 'search', model: 'unknown-model' })

  const handoff = await writer.session(
    async (session) => {
      await session.runTurn(
        async () => {
          await clock.advance(1_200)
          return 'SECRET DRAFT'
        },
        { usage: { inputTokens: 1_850, outputTokens: 640 }, idempotencyKey: 'draft', input: 'SECRET PROMPT' },
      )
      await session.runTool('lookUpTerm', () => clock.advance(40), { args: { term: 'SECRET TERM' } })
      await session.runTool('publish', () => 'never called').catch(() => undefined)
      const answer = session.pauseForInput('SECRET QUESTION')
      await clock.advance(60_000)
      runtime.provideInput(session.id, 'SECRET ANSWER')
      await answer
      session.evaluateGate('standard')
      session.evaluatePolicy()
      return session.handoffTo('editor', { reason: 'ready for review', context: { draft: 'SECRET CONTEXT' } })
    },
    { threadId: 'essay' },
  )
  await editor.session(
    async (session) => {
      await session.runTurn(() => clock.advance(1_600), {
        usage: { inputTokens: 760, cacheReadTokens: 200, outputTokens: 310 },
      })
      await session.runTool('publish', () => clock.advance(5))
    },
    { handoff, threadId: 'essay' },
  )
  await scout
    .session(async (session) => {
      await session.runTurn(() => clock.advance(300), { usage: { inputTokens: 10, outputTokens: 5 } })
      await session.runTurn(() => Promise.reject(new Error('SECRET MESSAGE'))).catch(() => undefined)
      throw new TypeError('SECRET FAILURE')
    })
    .catch(() => undefined)
  const unfinished = await writer.open({ threadId: 'left-over' })
  void unfinished.runTurn(() => new Promise(() => undefined)).catch(() => undefined)
  await clock.advance(1)
  return runtime.log.facts()
}
