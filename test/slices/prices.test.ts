import { describe, expect, it } from 'vitest'
import { createAgentRuntime } from '../../src/index.js'
import { MAX_RATE_PER_MILLION, roundUsd } from '../../slices/rules/prices.js'
import { createTestRuntime } from '../support/runtime.js'

describe('a rate', () => {
  const good = { inputPerMillion: 1, outputPerMillion: 1 }

  it.each([
    ['inputPerMillion', { inputPerMillion: 1e21 }],
    ['outputPerMillion', { outputPerMillion: MAX_RATE_PER_MILLION + 1 }],
    ['outputPerMillion', { outputPerMillion: Infinity }],
    ['cacheReadPerMillion', { cacheReadPerMillion: NaN }],
    ['cacheWritePerMillion', { cacheWritePerMillion: -1 }],
    ['cacheWrite1hPerMillion', { cacheWrite1hPerMillion: 2e9 }],
    ['cacheWriteByTtl.5m', { cacheWriteByTtl: { '5m': 2e9 } }],
  ])('that no honest price has is refused: %s', (field, rates) => {
    const register = () => createAgentRuntime().registerPricing('your-model', { ...good, ...rates })
    expect(register).toThrow(expect.objectContaining({ code: 'invalid_argument', field: `pricing.${field}` }))
    expect(register).toThrow('must be a number of US dollars per million tokens from 0 to 1000000000, got')
  })

  it('can be as high as the limit', () => {
    const runtime = createAgentRuntime()
    runtime.registerPricing('your-model', { ...good, inputPerMillion: MAX_RATE_PER_MILLION })
    expect(runtime.select.rates('your-model').inputPerMillion).toBe(1e9)
  })
})

describe('an amount for people', () => {
  it.each([
    [0.1 + 0.2, 0.3],
    [0, 0],
    [1.0000000000000001e-7, 1e-7],
    [1234.567891, 1234.567891],
    [-0.30000000000000004, -0.3],
  ])('of %d is %d', (amount, rounded) => {
    expect(roundUsd(amount)).toBe(rounded)
  })
})

describe('the cost in a summary', () => {
  it('has no dust of floating-point sums', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    runtime.registerPricing({
      dime: { inputPerMillion: 0.1, outputPerMillion: 0 },
      fifth: { inputPerMillion: 0.2, outputPerMillion: 0 },
    })
    const session = await orchestrator.open()
    for (const model of ['dime', 'fifth']) await session.runTurn(() => 1, { model, usage: { inputTokens: 1_000_000 } })
    const { usage } = session.summary()
    expect(usage.costUsd).toBe(0.3)
    expect(usage.models.map(({ costUsd }) => costUsd)).toEqual([0.1, 0.2])
    expect(runtime.select.totals().costUsd).toBe(0.3)
  })
})
