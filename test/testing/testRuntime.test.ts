import { describe, expect, it, vi } from 'vitest'
import { createMemoryLog, InvalidArgumentError } from '../../src/index.js'
import { createTestRuntime, openTestRuntime, scriptedModel } from '../../src/testing/index.js'

const USED = { usage: { inputTokens: 1_000_000, outputTokens: 100_000 } }

/** A session that is refused by its provider twice, and waits at random. */
async function recordSession() {
  const { orchestrator, clock, log } = createTestRuntime({ recovery: { mode: 'execute', backoff: { jitter: 'full' } } })
  const model = scriptedModel([{ fail: 'rate_limit' }, { fail: 'rate_limit' }, { answer: 'a draft' }])
  const session = orchestrator.session((session) => session.runTurn(model.turn()))
  await clock.advance(60_000)
  await session
  return log.facts()
}

describe('a test runtime', () => {
  it('records the same facts whenever it does the same [KIT-1]', async () => {
    const recorded = await recordSession()
    expect(recorded.map(({ type }) => type)).toContain('turns/retried')
    expect(await recordSession()).toEqual(recorded)
  })

  it('stands at 0 until its clock is told to move [KIT-1]', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime()
    const session = await orchestrator.open()
    expect(session.now()).toBe(0)
    await clock.advance(250)
    expect(session.now()).toBe(250)
    expect(runtime.log.facts().map(({ meta }) => meta.at)).toEqual([0, 0, 0])
  })

  it('lives at the same time as those that share its clock [KIT-1]', async () => {
    const { clock } = createTestRuntime()
    await clock.advance(100)
    const session = await createTestRuntime({ clock }).orchestrator.open()
    expect(session.now()).toBe(100)
  })

  it('takes options of the runtime and of its orchestrator [KIT-2]', async () => {
    const { runtime, orchestrator } = createTestRuntime({
      record: { results: 'json' },
      role: 'writer',
      budgetUsd: 2,
      circuitBreaker: { name: 'api', failureThreshold: 3 },
    })
    await orchestrator.session(() => 'done', { threadId: 'essay' })
    expect(orchestrator.config).toMatchObject({ role: 'writer', phase: 'test', model: 'test-model', budgetUsd: 2 })
    expect(runtime.select.breaker('api').state).toBe('closed')
    expect(runtime.log.facts('essay')[0]?.payload).toMatchObject({ role: 'writer', results: 'json' })
  })

  it('refuses options that nobody knows [KIT-2]', () => {
    expect(() => createTestRuntime({ budgetUSD: 1 } as never)).toThrow(InvalidArgumentError)
  })

  it('registers its orchestrator when it is looked at [KIT-2]', () => {
    const test = createTestRuntime()
    expect(test.log.facts().map(({ type }) => type)).toEqual(['pricing/registered'])
    expect(test.orchestrator).toBe(test.orchestrator)
    expect(test.log.facts().map(({ type }) => type)).toEqual(['pricing/registered', 'orchestrators/registered'])
  })

  it('registers its orchestrator at once when an option of it is given [KIT-2]', () => {
    const { runtime } = createTestRuntime({ circuitBreaker: { name: 'api' } })
    expect(runtime.breaker('api').name).toBe('api')
  })

  it('has a model that costs a dollar for a million tokens of input, and ten for output [KIT-2]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 'text', USED)
    expect(session.summary().usage.costUsd).toBe(2)
  })

  it('prices the models that it is told of, and runs the first [KIT-2]', async () => {
    const { orchestrator, warnings } = createTestRuntime({
      pricing: { large: { inputPerMillion: 5, outputPerMillion: 0 } },
    })
    const session = await orchestrator.open()
    await session.runTurn(() => 'text', USED)
    expect(orchestrator.config.model).toBe('large')
    expect(session.summary().usage.costUsd).toBe(5)
    expect(warnings).toEqual([])
  })

  it('collects warnings, and tells them on the console [KIT-3]', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const { orchestrator, warnings } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 'text', { ...USED, model: 'unheard-of' })
    expect(warnings.map(({ code }) => code)).toEqual(['unpriced_model'])
    expect(warn.mock.calls).toEqual([[warnings[0]?.message]])
    warn.mockRestore()
  })

  it('tells warnings to whoever wants to know instead [KIT-3]', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const told: unknown[] = []
    const { orchestrator, warnings } = createTestRuntime({ onWarning: (warning) => void told.push(warning) })
    await orchestrator.session((session) => session.runTurn(() => 'text', { ...USED, model: 'unheard-of' }))
    expect(told).toEqual(warnings)
    expect(told).toHaveLength(1)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('goes on with what a log holds [KIT-4]', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime({ record: { results: 'json' } })
    const killed = orchestrator.session(
      async (session) => {
        await session.runTurn(() => 'a draft', USED)
        return new Promise(() => undefined)
      },
      { threadId: 'essay' },
    )
    void killed
    await clock.advance(0)
    const log = createMemoryLog()
    for (const fact of runtime.log.facts()) log.append(fact.meta.stream, [fact])
    const next = await openTestRuntime({ log, clock, record: { results: 'json' } })
    const model = scriptedModel([])
    const answer = await next.orchestrator.session(async (session) => (await session.runTurn(model.turn())).value, {
      threadId: 'essay',
    })
    expect(answer).toBe('a draft')
    expect(next.log).toBe(log)
    model.assertDone()
  })
})
