import { describe, expect, it } from 'vitest'
import { createAgentRuntime, type Fact } from '../../src/index.js'
import { compareRuns, createRun } from '../../src/inspector/model/index.js'
import { createWithhold } from '../../src/inspector/server/withheld.js'
import { createManualClock } from '../../src/testing/index.js'
import { tellStory } from '../cli/story.js'
import { useServing } from './serving.js'

const MARK = /^\[content [0-9a-f]{6}\]$/

/** Everything that a fact can hold of what was said. */
async function say(answer: string): Promise<readonly Fact[]> {
  const clock = createManualClock(0)
  const runtime = createAgentRuntime({ clock, seed: 1, record: { results: 'json' }, onWarning: () => undefined })
  const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'small' })
  await writer.session(
    async (session) => {
      await session.runTurn(() => answer, { idempotencyKey: 'draft', input: 'SECRET INPUT' })
      await session.runTool('fail', () => Promise.reject(new Error('SECRET ERROR'))).catch(() => undefined)
      return session.complete('SECRET DETAIL')
    },
    { threadId: 'essay' },
  )
  return runtime.log.facts()
}

describe('what was said', () => {
  const serving = useServing()

  it('is replaced by marks, and nothing else is [INSP-8]', async () => {
    const facts = await tellStory()
    const { client } = await serving.serve([await serving.files.write(facts)])
    const [log] = await client.logs()
    const run = await client.load(log!)
    expect(JSON.stringify(run.facts)).not.toContain('SECRET')
    const kept = run.facts.find(({ type }) => type === 'turns/kept')
    expect(kept?.payload).toMatchObject({ key: 'draft', result: expect.stringMatching(MARK) as string })
    expect(run.facts.filter((fact, index) => JSON.stringify(fact) === JSON.stringify(facts[index]))).toHaveLength(27)
    expect(run.facts.map(({ meta }) => meta)).toEqual(facts.map(({ meta }) => meta))
  })

  it('is served when that was asked for [INSP-8]', async () => {
    const { client } = await serving.serve([await serving.files.writeStory()], { content: true })
    const [log] = await client.logs()
    expect(log?.content).toBe(true)
    expect(JSON.stringify((await client.load(log!)).facts)).toContain('SECRET QUESTION')
  })

  it('has the same mark where it is the same, so that runs can be compared without it [INSP-8]', async () => {
    const withhold = createWithhold('a key')
    const runOf = async (answer: string) => createRun((await say(answer)).map(withhold))
    const [a, b, c] = [await runOf('SECRET ONE'), await runOf('SECRET ONE'), await runOf('SECRET TWO')]
    expect((await compareRuns(a, b)).firstDivergence).toBeNull()
    const { rows, firstDivergence } = await compareRuns(a, c)
    const [first] = rows[firstDivergence ?? 0]?.changes ?? []
    expect(first?.path).toMatch(/^payload\.(result|outcome)/)
    expect(first?.a).toMatch(MARK)
    expect(first?.b).not.toBe(first?.a)
  })

  it('keeps how a call went, and hides what it returned or threw [INSP-8]', async () => {
    const withhold = createWithhold('a key')
    const answers = (await say('SECRET ONE')).map(withhold).filter(({ type }) => type === 'calls/answered')
    const outcomes = answers.map(({ payload }) => (payload as { outcome: object }).outcome)
    expect(outcomes).toContainEqual({ kind: 'returned', value: expect.stringMatching(MARK) as string })
    expect(outcomes).toContainEqual({ kind: 'threw', error: expect.stringMatching(MARK) as string })
    expect(JSON.stringify(outcomes)).not.toContain('SECRET')
  })

  it('has other marks under another key: who guesses cannot check [INSP-8]', () => {
    const fact: Fact = {
      type: 'sessions/completed',
      payload: { sessionId: 'session-1', detail: 'yes' },
      meta: { seq: 1, at: 0, stream: '@session-1', v: 1 },
    }
    expect(createWithhold('one')(fact)).not.toEqual(createWithhold('two')(fact))
    expect(createWithhold('one')(fact)).toEqual(createWithhold('one')(fact))
  })

  it('is as long as it was where it is a chunk, because its length is told [INSP-8]', () => {
    const chunk = (text: string): Fact => ({
      type: 'turns/chunked',
      payload: { sessionId: 'session-1', turnId: 'turn-1', text },
      meta: { seq: 1, at: 0, stream: '@session-1', v: 1 },
    })
    const withhold = createWithhold('a key')
    for (const text of ['a', 'SECRET', 'SECRET and more than what a mark takes']) {
      const hidden = (withhold(chunk(text)).payload as { text: string }).text
      expect(hidden).toHaveLength(text.length)
      expect(hidden).not.toContain('SECRET')
    }
  })
})
