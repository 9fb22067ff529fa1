import { describe, expect, it } from 'vitest'
import {
  classifyFailure,
  findExceededLimit,
  PaidTurnError,
  parseUsageLimits,
  UsageLimitExceededError,
} from '../../src/index.js'

const used = { inputTokens: 100, outputTokens: 50, toolCalls: 3 }

describe('usage limits', () => {
  it('are all off by default [LIM-1]', () => {
    const limits = parseUsageLimits({})
    expect(limits).toEqual({
      maxInputTokens: null,
      maxOutputTokens: null,
      maxTotalTokens: null,
      maxToolCalls: null,
      maxCostUsd: null,
    })
    expect(findExceededLimit(limits, { inputTokens: 1e15, outputTokens: 1e15, toolCalls: 1e15 }, 1e9)).toBeUndefined()
  })

  it('may be reached and not passed [LIM-2]', () => {
    const reached = parseUsageLimits({
      maxInputTokens: 100,
      maxOutputTokens: 50,
      maxTotalTokens: 150,
      maxToolCalls: 3,
      maxCostUsd: 0.3,
    })
    expect(findExceededLimit(reached, used, 0.1 + 0.2)).toBeUndefined()
  })

  it.each([
    [{ maxInputTokens: 99 }, 'request_tokens', 100, 99],
    [{ maxOutputTokens: 0 }, 'response_tokens', 50, 0],
    [{ maxTotalTokens: 149 }, 'total_tokens', 150, 149],
    [{ maxToolCalls: 2 }, 'tool_calls', 3, 2],
    [{ maxCostUsd: 0.2 }, 'cost_usd', 0.25, 0.2],
  ])('%o is found as %s, in its own unit [LIM-2]', (limits, limitName, observed, ceiling) => {
    expect(findExceededLimit(parseUsageLimits(limits), used, 0.25)).toEqual({ limitName, observed, ceiling })
  })

  it('are held in the order input, output, total, tool calls, cost [LIM-2]', () => {
    const names = ['maxInputTokens', 'maxOutputTokens', 'maxTotalTokens', 'maxToolCalls', 'maxCostUsd']
    const found = names.map((_, from) => {
      const limits = Object.fromEntries(names.slice(from).map((name) => [name, 0]))
      return findExceededLimit(parseUsageLimits(limits), used, 1)?.limitName
    })
    expect(found).toEqual(['request_tokens', 'response_tokens', 'total_tokens', 'tool_calls', 'cost_usd'])
  })

  it.each<[string, object]>([
    ['usageLimits.maxInputTokens', { maxInputTokens: 1.5 }],
    ['usageLimits.maxToolCalls', { maxToolCalls: -1 }],
    ['usageLimits.maxCostUsd', { maxCostUsd: Infinity }],
    ['usageLimits.maxTokens', { maxTokens: 5 }],
  ])('name %s when that is not usable', (field, limits) => {
    expect(() => parseUsageLimits(limits)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('the error of an exceeded usage limit', () => {
  it('carries the numbers, and what the turn returned', () => {
    const exceeded = { limitName: 'total_tokens', observed: 11, ceiling: 10 } as const
    const error = new UsageLimitExceededError(exceeded, true).after({ value: 'draft' })
    expect(error).toBeInstanceOf(PaidTurnError)
    expect(error).toMatchObject({ code: 'usage_limit_exceeded', ...exceeded, called: true })
    expect(error.result).toEqual({ value: 'draft' })
    expect(error.message).toBe('usage limit exceeded: total_tokens 11 > 10')
    expect(classifyFailure(error).failureClass).toBe('rate_limit')
  })

  it('gives costs in dollars', () => {
    const error = new UsageLimitExceededError({ limitName: 'cost_usd', observed: 0.25, ceiling: 0.2 }, false)
    expect(error).toMatchObject({ observed: 0.25, ceiling: 0.2, called: false })
    expect(error.message).toBe('usage limit exceeded: cost_usd $0.25 > $0.20')
  })
})
