import { describe, expect, it, vi } from 'vitest'
import { evaluatePolicy, type PolicyCondition, type PolicyContext } from '../../src/index.js'
import { emptyPolicyContext } from '../../slices/rules/policy.js'

function holds(condition: PolicyCondition, context: Partial<PolicyContext> = {}): boolean {
  const rule = { name: 'r', condition, actions: [{ action: 'notify' }] } as const
  return evaluatePolicy([rule], { ...emptyPolicyContext, ...context }).fired.length > 0
}

const yes: PolicyCondition = { type: 'and', conditions: [] }
const no: PolicyCondition = { type: 'or', conditions: [] }

describe('a condition', () => {
  it.each<[PolicyCondition, Partial<PolicyContext>, Partial<PolicyContext>]>([
    [{ type: 'qualityAt', level: 'strict' }, { qualityLevel: 'strict' }, { qualityLevel: 'standard' }],
    [{ type: 'qualityAt', level: 'minimal' }, { qualityLevel: 'release' }, { qualityLevel: null }],
    [{ type: 'gatePassed' }, { gatePassed: true }, {}],
    [{ type: 'phaseCompleted' }, { phaseCompleted: true }, {}],
    [{ type: 'agentFailed' }, { failedRoles: ['writer'] }, {}],
    [{ type: 'agentFailed', role: 'editor' }, { failedRoles: ['editor'] }, { failedRoles: ['writer'] }],
    [{ type: 'gateBelow', threshold: 0.5 }, { gateScore: 0.4 }, { gateScore: 0.5 }],
    [{ type: 'retryExhausted' }, { retryExhaustedScenarios: ['llm_error'] }, {}],
    [
      { type: 'retryExhausted', scenario: 'llm_error' },
      { retryExhaustedScenarios: ['llm_error'] },
      { retryExhaustedScenarios: ['llm_timeout'] },
    ],
    [{ type: 'timedOut', seconds: 60 }, { elapsedSeconds: 60.1 }, { elapsedSeconds: 60 }],
    [
      { type: 'allAgentsComplete' },
      { allRoles: ['a', 'b'], completedRoles: ['a'], failedRoles: ['b'] },
      { allRoles: ['a'], completedRoles: ['a', 'b'] },
    ],
    [{ type: 'allAgentsComplete' }, { allRoles: ['a'], completedRoles: ['a'] }, {}],
    [{ type: 'costExceeded', budgetUsd: 0.3 }, { totalCostUsd: 0.31 }, { totalCostUsd: 0.1 + 0.2 }],
  ])('%o holds where it should and nowhere else [POL-3]', (condition, good, bad) => {
    expect(holds(condition, good)).toBe(true)
    expect(holds(condition, bad)).toBe(false)
    expect(holds({ type: 'not', condition }, bad)).toBe(true)
  })

  it('of several is true for all of none, and false for one of none [POL-3]', () => {
    expect([holds(yes), holds(no)]).toEqual([true, false])
    expect(holds({ type: 'and', conditions: [yes, no] })).toBe(false)
    expect(holds({ type: 'or', conditions: [no, yes] })).toBe(true)
  })

  it('of several is looked at until one decides, and names are compared without the space around them [POL-4]', () => {
    const custom = vi.fn(() => true)
    const evaluate = (condition: PolicyCondition) =>
      evaluatePolicy([{ name: 'r', condition, actions: [{ action: 'notify' }] }], emptyPolicyContext, { custom })
    evaluate({ type: 'and', conditions: [no, { type: 'custom', name: 'custom' }] })
    evaluate({ type: 'or', conditions: [yes, { type: 'custom', name: 'custom' }] })
    expect(custom).not.toHaveBeenCalled()
    expect(holds({ type: 'agentFailed', role: ' editor' }, { failedRoles: ['editor '] })).toBe(true)
  })
})

describe('the rules of a policy', () => {
  it('fire by priority, 50 where none is given, and in their order where it is the same [POL-2]', () => {
    const rule = (name: string, priority?: number) => ({
      name,
      condition: name === 'never' ? no : yes,
      actions: [
        { action: 'notify', params: { name } },
        { action: 'escalate', params: {} },
      ] as const,
      ...(priority === undefined ? {} : { priority }),
    })
    const rules = [rule('late', 51), rule('a'), rule('never', 1), rule('early', -1), rule('b', 50)]
    const { fired, actions } = evaluatePolicy(rules, emptyPolicyContext)
    expect(fired).toEqual(['early', 'a', 'b', 'late'])
    expect(actions.slice(0, 3)).toEqual([
      { action: 'notify', params: { name: 'early' } },
      { action: 'escalate' },
      { action: 'notify', params: { name: 'a' } },
    ])
  })
})
