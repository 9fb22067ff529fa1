import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  classifyFailure,
  countCall,
  emptyGovernanceCounts,
  evaluateGovernance,
  GOVERNANCE_LIMITS,
  GovernanceBreachError,
  PaidTurnError,
  parseGovernanceLimits,
  type GovernanceCounts,
  type GovernanceLimitInput,
} from '../../src/index.js'

const counts: GovernanceCounts = { turns: 3, toolCalls: 4, consecutiveFailures: 2, costUsd: 0.5, repeatedCalls: 6 }

function evaluate(limits: readonly GovernanceLimitInput[], observed = counts) {
  return evaluateGovernance(parseGovernanceLimits(limits), () => observed)
}

describe('a governance limit', () => {
  it('ends the session, counts that session alone and tells every time, unless it says otherwise [GOV-1, GOV-13]', () => {
    expect(parseGovernanceLimits([{ limit: 'max_iterations', value: 5 }])).toEqual([
      { limit: 'max_iterations', value: 5, scope: 'session', onBreach: 'terminate', alerts: 'every_check' },
    ])
    const all = {
      limit: 'max_budget_usd',
      value: 0.5,
      scope: 'project',
      onBreach: 'alert',
      alerts: 'once',
    } as const
    expect(parseGovernanceLimits([all])).toEqual([all])
  })

  it.each<[string, unknown]>([
    ['governance', { limit: 'max_iterations', value: 1 }],
    ['governance[0]', ['max_iterations']],
    ['governance[0].limit', [{ limit: 'max_turns', value: 1 }]],
    ['governance[0].value', [{ limit: 'max_iterations' }]],
    ['governance[0].value', [{ limit: 'max_iterations', value: -1 }]],
    [
      'governance[1].scope',
      [
        { limit: 'max_iterations', value: 1 },
        { limit: 'max_iterations', value: 1, scope: 'all' },
      ],
    ],
    ['governance[0].onBreach', [{ limit: 'max_iterations', value: 1, onBreach: 'warn' }]],
    ['governance[0].alerts', [{ limit: 'max_iterations', value: 1, alerts: 'never' }]],
  ])('names %s when that is not usable [GOV-1]', (field, limits) => {
    expect(() => parseGovernanceLimits(limits as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it.each([
    ['max_iterations', 3],
    ['max_tool_calls', 4],
    ['max_consecutive_failures', 2],
    ['max_budget_usd', 0.5],
    ['max_repeated_calls', 6],
  ] as const)('%s may be reached and not passed [GOV-4]', (limit, observed) => {
    expect(evaluate([{ limit, value: observed }])).toEqual({ alerts: [] })
    const ceiling = observed - 0.1
    const breach = { limitName: limit, observed, ceiling, scope: 'session' }
    expect(evaluate([{ limit, value: ceiling }])).toEqual({ breach, alerts: [] })
    expect(evaluate([{ limit, value: ceiling, onBreach: 'alert' }])).toEqual({ alerts: [breach] })
  })

  it('compares costs as amounts, not as doubles [GOV-4, PRICE-7]', () => {
    const spent = { ...counts, costUsd: 0.1 + 0.2 }
    expect(evaluate([{ limit: 'max_budget_usd', value: 0.3 }], spent).breach).toBeUndefined()
    expect(evaluate([{ limit: 'max_budget_usd', value: 0 }], { ...counts, costUsd: 0.000018 }).breach).toBeDefined()
  })

  it('is held against the counts of its scope, and binds nobody outside of it', () => {
    const limits = parseGovernanceLimits([
      { limit: 'max_iterations', value: 5, onBreach: 'alert' },
      { limit: 'max_iterations', value: 5, scope: 'thread', onBreach: 'alert' },
      { limit: 'max_iterations', value: 0, scope: 'project', onBreach: 'alert' },
    ])
    const byScope = { session: counts, thread: { ...counts, turns: 9 }, project: undefined }
    expect(evaluateGovernance(limits, (scope) => byScope[scope])).toEqual({
      alerts: [{ limitName: 'max_iterations', observed: 9, ceiling: 5, scope: 'thread' }],
    })
  })
})

describe('several governance limits', () => {
  const alert = { limit: 'max_tool_calls', value: 1, onBreach: 'alert' } as const

  it('all tell, in the order of their declaration [GOV-6]', () => {
    const verdict = evaluate([alert, { ...alert, value: 9 }, { ...alert, limit: 'max_iterations' }])
    expect(verdict.alerts.map(({ limitName }) => limitName)).toEqual(['max_tool_calls', 'max_iterations'])
  })

  it('say nothing else when the first of those that end the session is breached [GOV-6]', () => {
    const ending = [
      { limit: 'max_iterations', value: 9 },
      { limit: 'max_tool_calls', value: 2 },
      { limit: 'max_iterations', value: 0 },
    ] as const
    expect(evaluate([alert, ...ending, alert])).toEqual({
      breach: { limitName: 'max_tool_calls', observed: 4, ceiling: 2, scope: 'session' },
      alerts: [],
    })
  })

  it('never find anything that is not above its limit, nor miss what is', () => {
    const limit = fc.record({
      limit: fc.constantFrom(...GOVERNANCE_LIMITS),
      value: fc.nat(5),
      onBreach: fc.constantFrom('terminate' as const, 'alert' as const),
    })
    const observed = fc.record({
      turns: fc.nat(5),
      toolCalls: fc.nat(5),
      consecutiveFailures: fc.nat(5),
      costUsd: fc.nat(5),
      repeatedCalls: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(limit), observed, (limits, given) => {
        const { breach, alerts } = evaluate(limits, given)
        for (const found of [...alerts, ...(breach ? [breach] : [])]) {
          expect(found.observed).toBeGreaterThan(found.ceiling)
        }
        const breached = limits.filter((one) => evaluate([{ ...one, onBreach: 'alert' }], given).alerts.length > 0)
        const ends = breached.filter(({ onBreach }) => onBreach === 'terminate')
        expect(breach?.limitName).toBe(ends[0]?.limit)
        expect(alerts).toHaveLength(ends.length > 0 ? 0 : breached.length)
      }),
    )
  })
})

describe('the counts', () => {
  it('follow the calls: a turn that succeeds ends a streak of failures [GOV-13]', () => {
    const calls = ['turn_started', 'turn_failed', 'turn_started', 'turn_failed', 'tool_called'] as const
    const failed = calls.reduce<GovernanceCounts>(countCall, emptyGovernanceCounts)
    expect(failed).toEqual({ ...emptyGovernanceCounts, turns: 2, consecutiveFailures: 2, toolCalls: 1 })
    expect(countCall(failed, 'turn_completed')).toEqual({ ...failed, consecutiveFailures: 0 })
  })
})

describe('the error of a governance breach', () => {
  const breach = { limitName: 'max_iterations', observed: 3, ceiling: 2, scope: 'thread' } as const

  it('carries the numbers, the scope, and what the turn returned', () => {
    const error = new GovernanceBreachError(breach).after({ value: 'draft' })
    expect(error).toBeInstanceOf(PaidTurnError)
    expect(error).toMatchObject({ code: 'governance_breach', ...breach })
    expect(error.result).toEqual({ value: 'draft' })
    expect(error).not.toHaveProperty('cause')
    expect(error.message).toBe('governance breach: max_iterations 3 > 2')
    expect(classifyFailure(error).failureClass).toBe('governance_breach')
  })

  it('keeps the error that it takes the place of', () => {
    const cause = new Error('connection reset')
    const error = new GovernanceBreachError(
      { ...breach, limitName: 'max_budget_usd', observed: 0.5, ceiling: 0.1 },
      cause,
    )
    expect(error.cause).toBe(cause)
    expect(error.message).toBe('governance breach: max_budget_usd $0.50 > $0.10')
    expect(classifyFailure(error).failureClass).toBe('governance_breach')
  })
})
