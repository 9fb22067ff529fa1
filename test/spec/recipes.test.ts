import { describe, expect, it } from 'vitest'
import {
  backoffDelayMs,
  nextProvider,
  recipeFor,
  SCENARIOS,
  smallerContextBudget,
  type BackoffOptions,
} from '../../src/index.js'

describe('a built-in recipe', () => {
  it('is one for each scenario, and none for anything else [REC-2]', () => {
    const recipes = SCENARIOS.map((scenario) => {
      const { steps, maxAttempts, escalationPolicy } = recipeFor(scenario)
      return [scenario, steps.join(', '), maxAttempts, escalationPolicy]
    })
    expect(recipes).toEqual([
      ['llm_timeout', 'retry_with_backoff', 2, 'alert_human'],
      ['llm_error', 'retry_with_backoff, switch_provider', 2, 'alert_human'],
      ['tool_execution_error', 'restart_agent', 1, 'log_and_continue'],
      ['context_overflow', 'retry_with_smaller_context, reduce_tool_set', 1, 'alert_human'],
      ['dependency_timeout', 'retry_with_backoff', 1, 'alert_human'],
      ['memory_corruption', 'clear_memory_cache, restart_agent', 1, 'abort'],
      ['provider_failure', 'switch_provider, retry_with_backoff', 2, 'abort'],
    ])
    expect(() => recipeFor('llm_errors' as never)).toThrow(expect.objectContaining({ field: 'scenario' }))
  })
})

describe('a backoff', () => {
  const delays = (options: BackoffOptions) => [0, 1, 3, 9, 2_000].map((attempt) => backoffDelayMs(attempt, options))
  const drawing = (drawn: number) => ({ random: () => drawn })

  it('grows by powers of its base in seconds, up to its cap [REC-8]', () => {
    expect(delays({ jitter: 'none' })).toEqual([1_000, 2_000, 8_000, 60_000, 60_000])
    expect(delays({ jitter: 'none', baseMs: 500, capMs: 700 })).toEqual([700, 500, 125, 1_000 * 0.5 ** 9, 0])
  })

  it('takes a part of that by chance, as the jitter says [REC-8]', () => {
    expect(delays({ jitter: 'full', ...drawing(0.5) })).toEqual([500, 1_000, 4_000, 30_000, 30_000])
    expect(delays({ jitter: 'equal', ...drawing(0.5) })).toEqual([750, 1_500, 6_000, 45_000, 45_000])
    expect(backoffDelayMs(1, { ...drawing(0.5) })).toBe(4_000)
    expect(backoffDelayMs(7, { previousDelayMs: 10_000, ...drawing(0.5) })).toBe(16_000)
    expect(backoffDelayMs(7, { previousDelayMs: 50_000, ...drawing(0.999) })).toBe(60_000)
    expect(backoffDelayMs(7, { previousDelayMs: 1, ...drawing(0.999) })).toBe(2_000)
  })

  it('is full for true and none for false [REC-7]', () => {
    expect(backoffDelayMs(2, { jitter: true, ...drawing(0.25) })).toBe(1_000)
    expect(backoffDelayMs(2, { jitter: false })).toBe(4_000)
  })

  it.each<[string, number, object]>([
    ['attempt', -1, {}],
    ['attempt', 0.5, {}],
    ['baseMs', 1, { baseMs: 0 }],
    ['capMs', 1, { capMs: Infinity }],
    ['previousDelayMs', 1, { previousDelayMs: -1 }],
    ['jitter', 1, { jitter: 'some' }],
    ['random', 1, { random: undefined }],
  ])('names %s when that is not usable [REC-7]', (field, attempt, options) => {
    const call = () => backoffDelayMs(attempt, { random: () => 0, ...options })
    expect(call).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('the helpers of a recovery', () => {
  it('name the next provider, and the part of a context to keep [REC-9]', () => {
    expect(nextProvider(['a', 'b'], ' a ')).toBe('b')
    expect(nextProvider(['a'], 'a')).toBeNull()
    expect(nextProvider(['a', 'b'], null)).toBe('a')
    expect(() => nextProvider(['a', ' '], null)).toThrow(expect.objectContaining({ field: 'available' }))
    expect(smallerContextBudget(999)).toBe(749)
    expect(smallerContextBudget(999, 0)).toBe(0)
    expect(() => smallerContextBudget(10, 1.1)).toThrow(expect.objectContaining({ field: 'reduction' }))
    expect(() => smallerContextBudget(-1)).toThrow(expect.objectContaining({ field: 'characters' }))
  })
})
