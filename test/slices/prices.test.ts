import { describe, expect, it } from 'vitest'
import {
  cachedTokensUnpriced,
  isGuessedPrice,
  MAX_RATE_PER_MILLION,
  roundUsd,
  type PriceEntry,
} from '../../slices/rules/prices.js'
import { parsePricing, type ModelPricing } from '../../src/config/pricing.js'
import { createAgentRuntime, facts, parseUsage, replay, type UsageInput } from '../../src/index.js'
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
  ])('that no honest price has is refused: %s [PRICE-2]', (field, rates) => {
    const register = () => createAgentRuntime().registerPricing('your-model', { ...good, ...rates })
    expect(register).toThrow(expect.objectContaining({ code: 'invalid_argument', field: `pricing.${field}` }))
    expect(register).toThrow('must be a number of US dollars per million tokens from 0 to 1000000000, got')
  })

  it('can be as high as the limit [PRICE-2]', () => {
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
  it('has no dust of floating-point sums [USE-8]', async () => {
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

describe('cached tokens', () => {
  const unpriced = (rates: Partial<ModelPricing>, usage: UsageInput): boolean =>
    cachedTokensUnpriced(parsePricing('m', { inputPerMillion: 3, outputPerMillion: 15, ...rates }), parseUsage(usage))
  const read = { cacheReadTokens: 1 }
  const written = { cacheWriteTokens: 1 }

  it('have no price when their rate was left out [PRICE-10]', () => {
    expect(unpriced({}, read)).toBe(true)
    expect(unpriced({}, written)).toBe(true)
    expect(unpriced({ cacheWritePerMillion: 4 }, read)).toBe(true)
    expect(unpriced({ cacheReadPerMillion: 0.3 }, written)).toBe(true)
    expect(unpriced({ cacheReadPerMillion: undefined }, read)).toBe(true)
  })

  it('have one when it was given, 0 included', () => {
    expect(unpriced({ cacheReadPerMillion: 0 }, read)).toBe(false)
    expect(unpriced({ cacheReadPerMillion: 0.3 }, read)).toBe(false)
    expect(unpriced({ cacheWritePerMillion: 0 }, written)).toBe(false)
  })

  it('have one when their lifetime has', () => {
    const tiers = { cacheReadPerMillion: 0.3, cacheWrite5minPerMillion: 3.75, cacheWriteByTtl: { '1h': 0 } }
    expect(unpriced(tiers, { ...written, cacheTtl: '5m' })).toBe(false)
    expect(unpriced(tiers, { ...written, cacheTtl: ' 1h ' })).toBe(false)
    expect(unpriced(tiers, { ...written, cacheTtl: '24h' })).toBe(true)
    expect(unpriced(tiers, written)).toBe(true)
  })

  it('are no matter when there are none', () => {
    expect(unpriced({}, { inputTokens: 5, outputTokens: 5 })).toBe(false)
  })

  it('have a price in a log that does not tell what was left out', () => {
    const { rates } = parsePricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
    expect(cachedTokensUnpriced({ key: 'm', match: 'prefix', rates }, parseUsage(read))).toBe(false)
  })

  it.each<[PriceEntry['unpricedCache'], Partial<ModelPricing>]>([
    ['both', {}],
    ['read', { cacheWritePerMillion: 0 }],
    ['write', { cacheReadPerMillion: 0 }],
    [undefined, { cacheReadPerMillion: 0, cacheWritePerMillion: 0 }],
  ])('are marked in the log as left out: %s [PRICE-10]', (unpricedCache, rates) => {
    const runtime = createAgentRuntime()
    runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15, ...rates })
    const log = runtime.log.facts()
    expect(log.find(facts.pricingRegistered.match)?.payload.entries[0]?.unpricedCache).toBe(unpricedCache)
    expect(replay(JSON.parse(JSON.stringify(log)) as typeof log)).toEqual(runtime.getState())
  })
})

describe('a price found by prefix', () => {
  it.each([
    ['gpt-4o', 'gpt-4'],
    ['gpt-4.1', 'gpt-4'],
    ['GPT-4o-mini ', 'gpt-4'],
    ['claude-3.5-sonnet', 'claude-3'],
    ['modelé', 'model'],
  ])('for %s is a guess when it is that of %s [PRICE-9]', (model, key) => {
    expect(isGuessedPrice(model, key)).toBe(true)
  })

  it.each([
    ['gpt-4', 'gpt-4'],
    [' GPT-4', 'gpt-4'],
    ['gpt-4-0613', 'gpt-4'],
    ['gpt-4:latest', 'gpt-4'],
    ['gpt-4.latest', 'gpt-4'],
    ['model@2026', 'model'],
    ['model_b', 'model'],
    ['claude-3', 'claude-'],
    ['other', 'gpt-4'],
  ])('for %s is none when it is that of %s [PRICE-9]', (model, key) => {
    expect(isGuessedPrice(model, key)).toBe(false)
  })
})
