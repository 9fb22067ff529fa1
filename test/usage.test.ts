import { describe, expect, it } from 'vitest'
import { AlreadyRegisteredError, costUsd, formatCost, parseUsage } from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

describe('prices', () => {
  it('never change what was already spent [PRICE-1, PRICE-11]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 1, { model: 'your-model', usage: { inputTokens: 1_000_000 } })
    runtime.registerPricing('your-model', { inputPerMillion: 0.3, outputPerMillion: 1 })
    expect(runtime.select.sessionCostUsd(session.id)).toBe(3)
    await session.runTurn(() => 1, { model: 'your-model', usage: { inputTokens: 1_000_000 } })
    expect(runtime.select.sessionCostUsd(session.id)).toBe(3.3)
  })

  it('are those in force when the turn began [PRICE-11]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(
      () => {
        runtime.registerPricing('your-model', { inputPerMillion: 0, outputPerMillion: 0 })
        return 1
      },
      { model: 'your-model', usage: { inputTokens: 1_000_000 } },
    )
    expect(runtime.select.sessionCostUsd(session.id)).toBe(3)
  })

  it('hold for every model whose name begins with theirs, unless they are exact [PRICE-4]', () => {
    const { runtime } = createTestRuntime()
    runtime.registerPricing({
      'gpt-4': { inputPerMillion: 30, outputPerMillion: 60, match: 'exact' },
      'gpt-4o': { inputPerMillion: 2.5, outputPerMillion: 10 },
    })
    expect(runtime.select.rates('gpt-4o-mini').inputPerMillion).toBe(2.5)
    expect(runtime.select.isPriced('GPT-4 ')).toBe(true)
    expect(runtime.select.isPriced('gpt-4-turbo')).toBe(false)
    expect(runtime.select.isPriced('constructor')).toBe(false)
  })

  it('can give a cache tier the price 0 [PRICE-5]', () => {
    const { runtime } = createTestRuntime()
    const rates = { inputPerMillion: 1, outputPerMillion: 1, cacheWritePerMillion: 4 }
    runtime.registerPricing({
      a: { ...rates, cacheWrite5minPerMillion: 0 },
      b: { ...rates, cacheWriteByTtl: { '5m': 0 } },
    })
    const usage = parseUsage({ cacheWriteTokens: 1_000_000, cacheTtl: '5m' })
    expect(costUsd(usage, runtime.select.rates('a'))).toBe(4)
    expect(costUsd(usage, runtime.select.rates('b'))).toBe(0)
  })

  it('overwrite, refuse or keep what is registered [PRICE-3]', () => {
    const { runtime, factTypes } = createTestRuntime()
    const cheap = { inputPerMillion: 1, outputPerMillion: 1 }
    runtime.registerPricing('your-model', cheap, { onConflict: 'keep' })
    expect(runtime.select.rates('your-model').inputPerMillion).toBe(3)
    expect(() => runtime.registerPricing('YOUR-MODEL', cheap, { onConflict: 'error' })).toThrow(AlreadyRegisteredError)
    runtime.registerPricing('your-model', cheap)
    runtime.registerPricing('your-model', cheap)
    expect(runtime.select.rates('your-model').inputPerMillion).toBe(1)
    expect(factTypes().filter((type) => type === 'pricing/registered')).toHaveLength(2)
  })

  it('that are bad register nothing, of several none [PRICE-1]', () => {
    const { runtime, factTypes } = createTestRuntime()
    const before = factTypes()
    const good = { inputPerMillion: 1, outputPerMillion: 1 }
    expect(() => runtime.registerPricing({ good, bad: { ...good, outputPerMillion: -1 } })).toThrow(
      expect.objectContaining({ field: 'pricing.outputPerMillion', value: -1 }),
    )
    expect(() => runtime.registerPricing(' ', good)).toThrow(expect.objectContaining({ field: 'model', value: ' ' }))
    expect(() => runtime.registerPricing('x', good, { onConflict: 'merge' as never })).toThrow(
      expect.objectContaining({ field: 'onConflict', value: 'merge' }),
    )
    expect(() => runtime.registerPricing('x', good, { onconflict: 'keep' } as never)).toThrow(
      'onconflict is not a known option, known are onConflict',
    )
    expect(() => runtime.registerPricing({ good }, 'keep' as never)).toThrow('options must be an object of options')
    expect(() => runtime.registerPricing('x', { ...good, cacheRead: 1 } as never)).toThrow(
      /^pricing\.cacheRead is not a known option, known are inputPerMillion, .*cacheReadPerMillion/,
    )
    expect(() => runtime.registerPricing(null as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(factTypes()).toEqual(before)
  })
})

describe('usage', () => {
  it('of a model without a price is counted, reported, and warned of once [RUN-8, USE-8]', async () => {
    const { orchestrator, warnings } = createTestRuntime()
    const first = await orchestrator.open()
    await first.runTurn(() => 1, DRAFT)
    for (const session of [first, await orchestrator.open()]) {
      await session.runTurn(() => 1, { model: 'mystery', usage: { inputTokens: 10 } })
    }
    expect(first.summary().usage).toMatchObject({ costUsd: 0.033, inputTokens: 5_010, unpricedModels: ['mystery'] })
    expect(warnings).toEqual(["model 'mystery' has no price: its tokens are counted and its cost is not"])
  })

  it('of a turn that names no model is counted as unspecified [USE-6]', async () => {
    const { orchestrator, warnings } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 1, { usage: { inputTokens: 10 } })
    expect(session.summary().usage).toMatchObject({ turns: 1, inputTokens: 10, unpricedModels: ['unspecified'] })
    expect(warnings).toHaveLength(1)
  })

  it('is summed per model and per price [USE-6, USE-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 3 })
    runtime.registerPricing('other', { inputPerMillion: 1, outputPerMillion: 1 })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    await session.runTurn(() => 1, DRAFT)
    await session.runTurn(() => 1, { model: 'other-2026', usage: { outputTokens: 500_000, cacheTtl: '1h' } })
    const { usage } = session.summary()
    expect(usage.models.map(({ model, turns, costUsd, pricedAs }) => ({ model, turns, costUsd, pricedAs }))).toEqual([
      { model: 'your-model', turns: 2, costUsd: 0.066, pricedAs: ['your-model'] },
      { model: 'other-2026', turns: 1, costUsd: 0.5, pricedAs: ['other'] },
    ])
    expect(runtime.select.totals(3)).toEqual(usage)
    expect(runtime.select.totals(4)).toMatchObject({ turns: 0, costUsd: 0 })
  })

  it('is not lost to rounding over many turns [USE-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ maxIterations: 'unlimited' })
    runtime.registerPricing('dime', { inputPerMillion: 100_000, outputPerMillion: 0 })
    const session = await orchestrator.open()
    for (let turn = 0; turn < 1_000; turn += 1)
      await session.runTurn(() => 1, { model: 'dime', usage: { inputTokens: 1 } })
    expect(runtime.select.sessionCostUsd(session.id)).toBe(100)
  })

  it.each([
    ['inputTokens', { inputTokens: -1 }],
    ['inputTokens', { inputTokens: [] }],
    ['inputTokens.total', { inputTokens: { total: 1, cacheRead: 2 } }],
    ['outputTokens', { outputTokens: null }],
    ['cacheReadTokens', { cacheReadTokens: 0.5 }],
    ['toolCalls', { toolCalls: '3' }],
    ['cacheTtl', { cacheTtl: '' }],
  ])('names a bad %s [USE-1, USE-2]', (field, usage) => {
    expect(() => parseUsage(usage as never)).toThrow(expect.objectContaining({ field: `usage.${field}` }))
  })

  it('is read from nested tiers [USE-2]', () => {
    expect(
      parseUsage({ inputTokens: { noCache: 5, cacheRead: 3, cacheWrite: 2 }, outputTokens: { total: 9 } }),
    ).toMatchObject({
      inputTokens: 5,
      cacheReadTokens: 3,
      cacheWriteTokens: 2,
      outputTokens: 9,
    })
  })
})

describe('a formatted cost', () => {
  it.each([
    [0, '$0.0000'],
    [0.0099, '$0.0099'],
    [0.01, '$0.01'],
    [1234.5, '$1234.50'],
  ])('of %d reads %s [PRICE-8]', (amount, text) => {
    expect(formatCost(amount)).toBe(text)
  })

  it.each([-0.01, NaN, Infinity])('of %d is refused [PRICE-8]', async (amount) => {
    expect(await rejection(Promise.resolve().then(() => formatCost(amount)))).toMatchObject({ field: 'costUsd' })
  })
})
