import { BudgetExceededError } from 'redux-agent-runtime'
import { actionLog, createTestRuntime, scriptedModel } from 'redux-agent-runtime/testing'
import 'redux-agent-runtime/vitest'
import { describe, expect, it } from 'vitest'
import { writeEssay, type Answer } from './essay.js'

describe('the writer', () => {
  it('drafts, saves and polishes', async () => {
    const { runtime } = createTestRuntime()
    const model = scriptedModel<Answer>([
      { answer: { text: 'A long essay.', usage: { inputTokens: 900, outputTokens: 700 } } },
      { answer: { text: 'An essay.', usage: { inputTokens: 800, outputTokens: 300 } } },
    ])
    const essay = await writeEssay(runtime, (prompt, signal) => model.ask(prompt, { signal }), 'tides')
    expect(essay).toBe('An essay.')
    model.assertDone()
    expect(actionLog(runtime)).toMatchInlineSnapshot(`
      writer
        opened: writer/draft
        turn-1 started on your-model
        turn-1 completed, 900 in, 700 out, $0.01
        tool-1 save started
        tool-1 save completed
        turn-2 started on your-model
        turn-2 completed, 800 in, 300 out, $0.0069
        completed
    `)
  })

  it('waits when it is asked to, and tries again', async () => {
    const { runtime, clock } = createTestRuntime()
    const model = scriptedModel<Answer>([
      { fail: 'rate_limit', retryAfterMs: 2_000 },
      { answer: { text: 'A draft.', usage: { outputTokens: 10 } } },
      { answer: { text: 'An essay.', usage: { outputTokens: 10 } } },
    ])
    const writing = writeEssay(runtime, (prompt, signal) => model.ask(prompt, { signal }), 'tides')
    await clock.advance(2_000)
    expect(await writing).toBe('An essay.')
  })

  it('stops when its budget is spent', async () => {
    const { runtime } = createTestRuntime()
    const model = scriptedModel<Answer>([{ answer: { text: 'A novel.', usage: { outputTokens: 10_000 } } }])
    const writing = writeEssay(runtime, (prompt, signal) => model.ask(prompt, { signal }), 'tides')
    await expect(writing).rejects.toThrow(BudgetExceededError)
    expect(runtime).toMatchActionLog({
      writer: [
        'sessions/opened',
        'turns/started',
        'turns/completed',
        { type: 'budgets/exceeded', payload: { budgetUsd: 0.05 } },
        'sessions/failed',
      ],
    })
  })
})
