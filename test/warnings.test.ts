import { describe, expect, it, vi } from 'vitest'
import {
  createAgentRuntime,
  type AgentSession,
  type MemoryLog,
  type OrchestratorOptions,
  type RuntimeOptions,
  type RuntimeWarning,
  type UsageInput,
} from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'

type Warned = Parameters<NonNullable<RuntimeOptions<MemoryLog>['onWarning']>>[0]

/** A runtime that collects its warnings, as `code model`. */
function createWarned(options: Partial<OrchestratorOptions> = {}) {
  const warnings: Warned[] = []
  const test = createTestRuntime(
    { maxIterations: 'unlimited', ...options },
    { onWarning: (one) => void warnings.push(one) },
  )
  test.runtime.registerPricing('gpt-4', { inputPerMillion: 1, outputPerMillion: 1 })
  return { ...test, warned: warnings, codes: () => warnings.map(({ code }) => code) }
}

const use = (session: AgentSession, model: string | undefined, usage: UsageInput | undefined = { inputTokens: 10 }) =>
  session.runTurn(() => 1, { model, usage })

const cached = { inputTokens: 10, cacheReadTokens: 5 }

const odd: readonly [RuntimeWarning['code'], readonly [string, string], UsageInput | null, string][] = [
  ['unpriced_model', ['mystery', 'riddle'], { outputTokens: 1 }, 'has no price'],
  ['guessed_price', ['gpt-4o', 'gpt-4.1'], { outputTokens: 1 }, "costs what 'gpt-4' costs"],
  ['unpriced_cache_tokens', ['gpt-4', 'gpt-4-0613'], cached, 'they count as free'],
  ['unmetered_turn', ['your-model', 'gpt-4'], null, 'no budget can hold it'],
]

describe('a warning', () => {
  it.each(odd)('%s is given once for each model', async (code, [first, second], usage, words) => {
    const { orchestrator, warned } = createWarned({ budgetUsd: 1 })
    for (let run = 0; run < 2; run += 1) {
      const session = await orchestrator.open()
      for (const model of [first, second, first]) {
        await session.runTurn(() => 1, usage ? { model, usage } : { model })
      }
    }
    expect(warned.map((one) => one.code)).toEqual([code, code])
    expect(warned[0]?.message).toContain(`model '${first}'`)
    expect(warned[0]?.message).toContain(words)
    expect(warned[1]?.message).toContain(`model '${second}'`)
  })

  it.each<[string, (session: AgentSession) => Promise<unknown>]>([
    [
      'failed',
      (session) =>
        session.runTurn(
          (call) => {
            call.reportUsage({ inputTokens: 1 })
            throw new Error('cut off')
          },
          { model: 'mystery' },
        ),
    ],
    [
      'was aborted',
      (session) => {
        const stop = new AbortController()
        const stopped = session.runTurn(
          (call) => {
            call.reportUsage({ inputTokens: 1 })
            return new Promise(() => undefined)
          },
          { model: 'mystery', signal: stop.signal },
        )
        stop.abort()
        return stopped
      },
    ],
  ])('is given for what a turn used that %s, and not again', async (_how, run) => {
    const { orchestrator, codes } = createWarned()
    const session = await orchestrator.open()
    await rejection(run(session))
    expect(codes()).toEqual(['unpriced_model'])
    await use(session, 'mystery')
    expect(codes()).toEqual(['unpriced_model'])
  })

  it('is not given again when a price was registered anew', async () => {
    const { orchestrator, runtime, codes } = createWarned()
    const session = await orchestrator.open()
    await use(session, 'gpt-4o', cached)
    runtime.registerPricing('gpt-4', { inputPerMillion: 2, outputPerMillion: 2 })
    await use(session, 'gpt-4o', cached)
    expect(codes()).toEqual(['guessed_price', 'unpriced_cache_tokens'])
  })

  it('is given for turns that name no model, as for a model of their own', async () => {
    const { orchestrator, warned } = createWarned({ usageLimits: { maxCostUsd: 1 } })
    const session = await orchestrator.open()
    for (let run = 0; run < 2; run += 1) {
      await use(session, undefined)
      await session.runTurn(() => 1)
    }
    expect(warned.map(({ message }) => message)).toEqual([
      'a turn that names no model has no price: its tokens are counted and its cost is not',
      'nobody says what a turn that names no model used, so it counts as free and no budget can hold it',
    ])
  })

  it('is given by each runtime for itself', async () => {
    const [one, two] = [createWarned(), createWarned()]
    for (const { orchestrator } of [one, two]) await use(await orchestrator.open(), 'mystery')
    expect([one.codes(), two.codes()]).toEqual([['unpriced_model'], ['unpriced_model']])
  })

  it('reaches console.warn when nobody listens', async ({ onTestFinished }) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const session = await createAgentRuntime().orchestrator({ role: 'writer', phase: 'draft' }).open()
    await use(session, 'mystery')
    expect(warn.mock.calls).toEqual([["model 'mystery' has no price: its tokens are counted and its cost is not"]])
  })
})

describe('nothing is said', () => {
  it.each<[string, string, UsageInput]>([
    ['of a model that has its own price', 'gpt-4', { inputTokens: 1, outputTokens: 1 }],
    ['of a dated version of a priced model', 'gpt-4-0613', { inputTokens: 1 }],
    ['of a call that used nothing', 'mystery', {}],
    ['of cached tokens whose rate is 0', 'free-cache', cached],
  ])('%s', async (_what, model, usage) => {
    const { orchestrator, runtime, codes } = createWarned({ budgetUsd: 1 })
    runtime.registerPricing('free-cache', { inputPerMillion: 1, outputPerMillion: 1, cacheReadPerMillion: 0 })
    await use(await orchestrator.open(), model, usage)
    expect(codes()).toEqual([])
  })

  it('of turns without usage where no money is limited, nor of those that fail', async () => {
    const { orchestrator, runtime, codes } = createWarned({ governance: [{ limit: 'max_tool_calls', value: 1 }] })
    const free = await orchestrator.open()
    await free.runTurn(() => 1, { model: 'gpt-4' })
    const held = await runtime.orchestrator({ role: 'writer', phase: 'draft', budgetUsd: 1 }).open()
    await rejection(held.runTurn(() => Promise.reject(new Error('boom')), { model: 'gpt-4' }))
    expect(codes()).toEqual([])
  })

  it.each<[string, Partial<OrchestratorOptions>]>([
    ['a budget', { budgetUsd: 1 }],
    ['a usage limit', { usageLimits: { maxTotalTokens: 5 } }],
    ['a governance limit on money', { governance: [{ limit: 'max_budget_usd', value: 1, scope: 'project' }] }],
  ])('unless %s would have to hold them', async (_what, options) => {
    const { orchestrator, codes } = createWarned(options)
    await (await orchestrator.open()).runTurn(() => 1, { model: 'gpt-4' })
    expect(codes()).toEqual(['unmetered_turn'])
  })

  it('when a stream is left before anybody has said what it used', async () => {
    const { orchestrator, codes } = createWarned({ budgetUsd: 1 })
    const session = await orchestrator.open()
    async function* upstream() {
      yield 'a'
      yield 'b'
    }
    for await (const _event of session.runTurnStream(upstream, { model: 'gpt-4', usage: { outputTokens: 2 } })) break
    expect(codes()).toEqual(['unmetered_turn'])
  })

  it('unless the session was given a budget of its own', async () => {
    const { orchestrator, codes } = createWarned()
    const session = await orchestrator.open()
    session.raiseLimits({ budgetUsd: 1 })
    await session.runTurn(() => 1, { model: 'gpt-4' })
    expect(codes()).toEqual(['unmetered_turn'])
  })
})
