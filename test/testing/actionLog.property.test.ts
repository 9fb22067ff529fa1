import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AgentRuntime, AgentSession, MemoryLog, Orchestrator } from '../../src/index.js'
import { actionLog, createTestRuntime, scriptedModel, settle, transcript } from '../../src/testing/index.js'

/** What an agent does in one step. */
type Step = 'turn' | 'failing turn' | 'tool' | 'gate'

interface Job {
  readonly role: 'writer' | 'reviewer'
  readonly threadId: string | undefined
  readonly steps: readonly Step[]
  readonly end: 'complete' | 'fail' | 'hand off' | 'leave open'
}

const job: fc.Arbitrary<Job> = fc.record({
  role: fc.constantFrom('writer', 'reviewer'),
  threadId: fc.constantFrom(undefined, undefined, 'essay'),
  steps: fc.array(fc.constantFrom<Step>('turn', 'failing turn', 'tool', 'gate'), { maxLength: 4 }),
  end: fc.constantFrom('complete', 'fail', 'hand off', 'leave open'),
})

async function take(session: AgentSession, step: Step): Promise<void> {
  const model = scriptedModel([
    step === 'failing turn' ? { fail: 'timeout' } : { answer: 'x', usage: { outputTokens: 9 } },
  ])
  if (step === 'tool') await session.runTool('search', () => 'found')
  else if (step === 'gate') session.evaluateGate('standard')
  else await session.runTurn(model.turn()).catch(() => undefined)
}

/** One agent, stopped before each step until somebody lets it go on. */
async function* agent(job: Job, orchestrators: Readonly<Record<string, Orchestrator>>, editor: Orchestrator) {
  const session = await orchestrators[job.role]!.open(job.threadId === undefined ? {} : { threadId: job.threadId })
  for (const step of job.steps) {
    yield
    await take(session, step)
  }
  yield
  if (job.end === 'complete') await session.complete()
  if (job.end === 'fail') await session.fail('gave up')
  if (job.end !== 'hand off') return
  const handoff = await session.handoffTo(editor, { reason: 'ready' })
  yield
  const next = await editor.open({ handoff })
  yield
  for (const step of job.steps.slice(1)) await take(next, step)
  await next.complete()
}

/** Runs the agents side by side. `picks` says whose turn it is. */
async function run(jobs: readonly Job[], picks: readonly number[]): Promise<AgentRuntime<MemoryLog>> {
  const { runtime, clock } = createTestRuntime()
  const registered = (role: string) =>
    runtime.orchestrator({ role, phase: 'work', model: 'test-model', qualityGate: 'strict' })
  const orchestrators = { writer: registered('writer'), reviewer: registered('reviewer') }
  const editor = registered('editor')
  const running = jobs.map((job) => agent(job, orchestrators, editor))
  for (let turn = 0; running.length > 0; turn += 1) {
    const index = (picks[turn % picks.length] ?? 0) % running.length
    const { done } = await running[index]!.next()
    await clock.advance(picks[turn % picks.length] ?? 0)
    await settle()
    if (done) running.splice(index, 1)
  }
  return runtime
}

const picks = fc.array(fc.nat(30), { minLength: 5, maxLength: 30 })

it('is the same for every way in which sessions overlap [KIT-12]', async () => {
  const seen = { different: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(job, { minLength: 2, maxLength: 6 }), picks, picks, async (jobs, one, other) => {
      const [a, b] = [await run(jobs, one), await run(jobs, other)]
      if (JSON.stringify(a.log.facts()) !== JSON.stringify(b.log.facts())) seen.different += 1
      expect(actionLog(b)).toEqual(actionLog(a))
      expect(transcript(b)).toBe(transcript(a))
    }),
    { numRuns: 40 },
  )
  expect(seen.different).toBeGreaterThan(20)
})
