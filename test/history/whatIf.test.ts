import { describe, expect, it } from 'vitest'
import { createMemoryLog, type AgentSession } from '../../src/index.js'
import { fork } from '../../src/history/fork.js'
import { whatIf } from '../../src/history/whatIf.js'
import type { WhatIfChanges } from '../../src/history/whatIfChanges.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'
import { only, record, turns } from './whatIfSupport.js'

describe('what recorded runs would have cost', () => {
  it('is what they cost when nothing is changed [WHATIF-1]', async () => {
    const log = await record(turns(2))
    const { sessions, totals, facts } = whatIf(log.facts(), {})
    expect(sessions).toEqual([])
    expect(facts).toBe(log.head())
    expect(totals).toMatchObject({ sessions: 1, differing: 0, costUsd: { recorded: 0.066, changed: 0.066 } })
  })

  it('is told at other prices, for each session and in all [WHATIF-2]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    await orchestrator.session(turns(2))
    await orchestrator.session((session) => session.runTurn(() => 1, { ...DRAFT, model: 'mystery' }))
    const pricing = { 'your-model': { inputPerMillion: 1, outputPerMillion: 5 } }
    const { sessions, totals } = whatIf(runtime.log.facts(), { pricing })
    expect(sessions).toMatchObject([{ sessionId: 'session-1', costUsd: { recorded: 0.066, changed: 0.022 } }])
    expect(totals.costUsd).toEqual({ recorded: 0.066, changed: 0.022 })
    expect(totals.unpricedModels).toEqual({ recorded: ['mystery'], changed: ['mystery'] })
  })

  it('takes a given price before a recorded one with a key that says less, and after one that says more [WHATIF-2]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    runtime.registerPricing('your-model-large', { inputPerMillion: 100, outputPerMillion: 0 })
    const million = { inputTokens: 1_000_000 }
    await orchestrator.session(async (session) => {
      await session.runTurn(() => 1, { model: 'your-model', usage: million })
      await session.runTurn(() => 1, { model: 'your-model-large', usage: million })
      await session.runTurn(() => 1, { model: 'your-model-small-2', usage: million })
    })
    const at = (pricing: NonNullable<WhatIfChanges['pricing']>) => only(runtime.log, { pricing }).costUsd
    const costs = (inputPerMillion: number, match?: 'exact') => ({ inputPerMillion, outputPerMillion: 0, match })
    expect(at({ 'your-model-small': costs(1) })).toEqual({ recorded: 106, changed: 104 })
    expect(at({ 'your-model': costs(1) })).toEqual({ recorded: 106, changed: 102 })
    expect(at({ your: costs(1) })).toEqual({ recorded: 106, changed: 106 })
    expect(at({ 'your-model-large': costs(7) })).toEqual({ recorded: 106, changed: 13 })
    expect(at({ 'your-model': costs(1, 'exact') })).toEqual({ recorded: 106, changed: 101 })
  })

  it('prices models that had no price, and keeps prices of their time [WHATIF-2]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const million = { inputTokens: 1_000_000 }
    await orchestrator.session(async (session) => {
      await session.runTurn(() => 1, { model: 'mystery', usage: million })
      await session.runTurn(() => 1, { model: 'your-model', usage: million })
      runtime.registerPricing('your-model', { inputPerMillion: 9, outputPerMillion: 0 })
      await session.runTurn(() => 1, { model: 'your-model', usage: million })
    })
    const { costUsd, unpricedModels, totals } = only(runtime.log, {
      pricing: { mystery: { inputPerMillion: 0.5, outputPerMillion: 0 } },
    })
    expect(costUsd).toEqual({ recorded: 12, changed: 12.5 })
    expect(unpricedModels).toEqual([])
    expect(totals.unpricedModels).toEqual({ recorded: ['mystery'], changed: [] })
  })

  it('counts what an idempotency key gave to a session once [WHATIF-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const keyed = (session: AgentSession) => session.runTurn(() => 'a', { ...DRAFT, idempotencyKey: 'draft' })
    await orchestrator.session(keyed, { threadId: 'a' })
    const second = await orchestrator.open({ threadId: 'a' })
    await keyed(second)
    const { sessions, totals } = whatIf(runtime.log.facts(), {}, { all: true })
    expect(sessions.map(({ costUsd }) => costUsd.recorded)).toEqual([0.033, 0])
    expect(totals.costUsd.recorded).toBe(0.033)
    const limited = whatIf(runtime.log.facts(), { governance: [{ limit: 'max_iterations', value: 0 }] })
    expect(limited.sessions[1]?.stoppedAt).toMatchObject({ what: 'turn', limit: 'max_iterations', observed: 1 })
  })

  it('counts copies of a fork for its limits, and not as spent [WHATIF-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open({ threadId: 'a' })
    await turns(3)(session)
    await fork(runtime.log, { threadId: 'a', as: 'b' })
    const { sessions, totals } = whatIf(runtime.log.facts(), { budgetUsd: 0.05 })
    expect(totals.costUsd).toEqual({ recorded: 0.099, changed: 0.066 })
    expect(sessions.map(({ threadId, stoppedAt }) => [threadId, stoppedAt?.observed])).toEqual([
      ['a', 0.066],
      ['b', 0.066],
    ])
    expect(sessions[1]).toMatchObject({ costUsd: { recorded: 0, changed: 0 }, stoppedAt: { avoided: { costUsd: 0 } } })
  })
})

describe('what is given', () => {
  it.each<[string, unknown]>([
    ['pricing', { pricing: 7 }],
    ['pricing.inputPerMillion', { pricing: { a: { inputPerMillion: -1, outputPerMillion: 0 } } }],
    ['budgetUsd', { budgetUsd: -1 }],
    ['enforceBudget', { enforceBudget: 'yes' }],
    ['maxIterations', { maxIterations: 1.5 }],
    ['usageLimits.maxToolCalls', { usageLimits: { maxToolCalls: -1 } }],
    ['governance[0].limit', { governance: [{ limit: 'mood', value: 1 }] }],
    ['permissions.roles', { permissions: {} }],
    ['policy[0].name', { policy: [{ name: '', condition: { type: 'gatePassed' }, actions: [] }] }],
    ['qualityGate', { qualityGate: 'fine' }],
    ['budgetUSD', { budgetUSD: 1 }],
  ])('is checked: %s [WHATIF-13]', (field, changes) => {
    expect(() => whatIf([], changes as WhatIfChanges)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it('is checked: options and facts [WHATIF-13]', () => {
    const invalid = (field: string) => expect.objectContaining({ code: 'invalid_argument', field }) as Error
    expect(() => whatIf([], {}, { all: 1 } as never)).toThrow(invalid('all'))
    expect(() => whatIf(7 as never, {})).toThrow(invalid('facts'))
  })

  it('may be a log, which answers later [WHATIF-13]', async () => {
    const log = await record(turns(2))
    const answered = whatIf(log, { maxIterations: 1 })
    expect(answered).toBeInstanceOf(Promise)
    expect(await answered).toEqual(whatIf(log.facts(), { maxIterations: 1 }))
    expect(JSON.parse(JSON.stringify(await answered))).toEqual(await answered)
  })

  it('is all facts of a log [WHATIF-13]', async () => {
    const log = await record(turns(1))
    expect(() => whatIf(log.facts().slice(1), {})).toThrow(expect.objectContaining({ code: 'log_corrupt' }))
    expect(whatIf(createMemoryLog().facts(), {}).totals.sessions).toBe(0)
  })

  it('lists all sessions when it is asked to [WHATIF-13]', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainEndedSessions: 0 })
    await orchestrator.session(turns(1))
    await orchestrator.session(turns(3))
    const ids = (all: boolean) =>
      whatIf(runtime.log.facts(), { maxIterations: 2 }, { all }).sessions.map(({ sessionId }) => sessionId)
    expect(ids(false)).toEqual(['session-2'])
    expect(ids(true)).toEqual(['session-1', 'session-2'])
  })
})
