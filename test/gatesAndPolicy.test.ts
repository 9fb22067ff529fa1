import { describe, expect, it } from 'vitest'
import { facts, type PolicyRule } from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

describe('a quality gate', () => {
  it('is passed at its level and above [GATE-2, GATE-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ qualityGate: 'standard' })
    const session = await orchestrator.open()
    expect(session.evaluateGate('minimal')).toEqual({ satisfied: false, required: 'standard', observed: 'minimal' })
    expect(session.evaluateGate(null)).toMatchObject({ satisfied: false, observed: null })
    expect(session.evaluateGate(3)).toMatchObject({ satisfied: true, observed: 'strict' })
    expect(session.summary().gates).toMatchObject({ passed: 1, failed: 2, last: { satisfied: true } })
    expect(runtime.log.facts().filter(facts.gateEvaluated.match)).toHaveLength(3)
  })

  it('that does not exist records nothing [GATE-3]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(session.evaluateGate('strict')).toBeNull()
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it('refuses a level that does not exist [GATE-1]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ qualityGate: 'standard' })
    const session = await orchestrator.open()
    expect(() => session.evaluateGate('STRICT' as never)).toThrow(expect.objectContaining({ field: 'observed' }))
    expect(() => session.evaluateGate(0 as never)).toThrow(expect.objectContaining({ value: 0 }))
    expect(() => runtime.orchestrator({ role: 'r', phase: 'p', qualityGate: 'best' as never })).toThrow(
      expect.objectContaining({ field: 'qualityGate', value: 'best' }),
    )
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })
})

const advance: PolicyRule = {
  name: 'advance',
  condition: { type: 'and', conditions: [{ type: 'phaseCompleted' }, { type: 'gatePassed' }] },
  actions: [{ action: 'advance_phase' }],
}

describe('a policy', () => {
  it('reads gate, cost, time and exhausted recoveries from the state [POL-2, POL-5]', async () => {
    const policy: PolicyRule[] = [
      advance,
      {
        name: 'cost',
        priority: 10,
        condition: { type: 'costExceeded', budgetUsd: 0.03 },
        actions: [{ action: 'notify', params: { to: 'ops' } }],
      },
      { name: 'slow', condition: { type: 'timedOut', seconds: 60 }, actions: [{ action: 'abort_phase', params: {} }] },
      {
        name: 'stuck',
        condition: { type: 'retryExhausted', scenario: 'llm_error' },
        actions: [{ action: 'escalate' }],
      },
    ]
    const { orchestrator, clock } = createTestRuntime({ qualityGate: 'standard', policy })
    const session = await orchestrator.open()
    expect(session.evaluatePolicy({ phaseCompleted: true })).toEqual([])
    session.evaluateGate('strict')
    await session.runTurn(() => 1, DRAFT)
    for (let turn = 0; turn < 3; turn += 1) await rejection(session.runTurn(() => Promise.reject(new Error('boom'))))
    await clock.advance(60_001)
    expect(session.evaluatePolicy({ phaseCompleted: true })).toEqual([
      { action: 'notify', params: { to: 'ops' } },
      { action: 'advance_phase' },
      { action: 'abort_phase' },
      { action: 'escalate' },
    ])
  })

  it('records what it was evaluated on and what fired [POL-7]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ policy: [advance] })
    const session = await orchestrator.open()
    session.evaluatePolicy({ phaseCompleted: true, completedRoles: ['writer'] })
    expect(runtime.log.facts().at(-1)).toMatchObject({
      type: 'policies/evaluated',
      payload: {
        context: { phaseCompleted: true, completedRoles: ['writer'], gatePassed: false },
        fired: [],
        actions: [],
      },
    })
  })

  it('asks custom conditions by name and records what they answered [POL-6]', async () => {
    const condition = { type: 'custom', name: 'longerThan', params: { words: 3 } } as const
    const { orchestrator } = createTestRuntime({
      policy: [{ name: 'long', condition: { type: 'not', condition }, actions: [{ action: 'retry_agent' }] }],
      conditions: { longerThan: ({ gateScore }, { words }) => gateScore > Number(words) },
    })
    const session = await orchestrator.open()
    expect(session.evaluatePolicy({ gateScore: 2 })).toEqual([{ action: 'retry_agent' }])
    expect(session.evaluatePolicy({ gateScore: 4 })).toEqual([])
  })

  it('without rules records nothing [POL-7]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(session.evaluatePolicy({ phaseCompleted: true })).toEqual([])
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['gateScore', { gateScore: -1 }],
    ['elapsedSeconds', { elapsedSeconds: NaN }],
    ['phaseCompleted', { phaseCompleted: 1 }],
    ['completedRoles[0]', { completedRoles: [''] }],
    ['qualityLevel', { qualityLevel: 'good' }],
    ['phaseComplete', { phaseComplete: true }],
  ])('refuses a bad %s [POL-5]', async (field, args) => {
    const { orchestrator, sessionFacts } = createTestRuntime({ policy: [advance] })
    const session = await orchestrator.open()
    expect(() => session.evaluatePolicy(args as never)).toThrow(expect.objectContaining({ field }))
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['policy[0].actions', [{ ...advance, actions: [] }]],
    ['policy[0].name', [{ ...advance, name: ' ' }]],
    ['policy[0].priority', [{ ...advance, priority: 1.5 }]],
    ['policy[0].condition.seconds', [{ ...advance, condition: { type: 'timedOut', seconds: -1 } }]],
    ['policy[0].condition', [{ ...advance, condition: { type: 'custom', name: 'nobody' } }]],
    ['policy[0].actions[0].params', [{ ...advance, actions: [{ action: 'notify', params: { at: new Date(0) } }] }]],
    ['policy[0].condition.type', [{ ...advance, condition: { type: 'always' } }]],
  ])('refuses rules with a bad %s [POL-1, RUN-3]', (field, policy) => {
    const { runtime } = createTestRuntime()
    expect(() => runtime.orchestrator({ role: 'r', phase: 'p', policy: policy as never })).toThrow(
      expect.objectContaining({ field }),
    )
  })
})
