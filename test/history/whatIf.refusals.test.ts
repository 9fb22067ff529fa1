import { describe, expect, it } from 'vitest'
import type { OrchestratorOptions } from '../../src/index.js'
import { whatIf } from '../../src/history/whatIf.js'
import type { WhatIfChanges } from '../../src/history/whatIfChanges.js'
import { settle } from '../../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from '../support/runtime.js'
import { only, record, seqs, turns } from './whatIfSupport.js'

describe('the first call that would have been refused', () => {
  it('is a turn beyond the budget, and what came after is avoided [WHATIF-4]', async () => {
    const log = await record(async (session) => {
      await turns(4)(session)
      await session.runTool('publish', () => 1)
    })
    const { stoppedAt, costUsd, totals } = only(log, { budgetUsd: 0.05 })
    expect(stoppedAt).toEqual({
      seq: seqs(log, 'turns/started')[2],
      what: 'turn',
      name: 'your-model',
      rule: 'budget_exceeded',
      limit: null,
      scope: null,
      observed: 0.066,
      ceiling: 0.05,
      reason: 'budget exceeded: $0.07 > $0.05',
      avoided: { turns: 2, tools: 1, inputTokens: 10_000, outputTokens: 2_400, costUsd: 0.066 },
    })
    expect(costUsd).toEqual({ recorded: 0.132, changed: 0.066 })
    expect(totals).toMatchObject({
      stopped: 1,
      avoided: { turns: 2, tools: 1, costUsd: 0.066 },
      stoppedBy: [{ rule: 'budget_exceeded', limit: null, sessions: 1 }],
    })
  })

  it.each<[string, WhatIfChanges, object]>([
    ['iterations', { maxIterations: 1 }, { rule: 'max_iterations_exceeded', observed: 2, ceiling: 1 }],
    [
      'usage limits',
      { usageLimits: { maxTotalTokens: 6_000 } },
      { rule: 'usage_limit_exceeded', limit: 'total_tokens', observed: 6_200, ceiling: 6_000 },
    ],
    [
      'governance',
      { governance: [{ limit: 'max_budget_usd', value: 0.03 }] },
      { rule: 'governance_breach', limit: 'max_budget_usd', scope: 'session', observed: 0.033, ceiling: 0.03 },
    ],
  ])('is a turn beyond %s [WHATIF-4]', async (_, changes, stop) => {
    const log = await record(turns(3))
    expect(only(log, changes).stoppedAt).toMatchObject({ seq: seqs(log, 'turns/started')[1], what: 'turn', ...stop })
  })

  it.each<[string, WhatIfChanges, object]>([
    [
      'permissions',
      { permissions: { roles: { writer: { mode: 'read_only', deniedTools: ['publish'] } } } },
      {
        name: 'publish',
        rule: 'permission_denied',
        observed: null,
        ceiling: null,
        reason: "tool 'publish' is explicitly denied for role 'writer'",
      },
    ],
    [
      'usage limits',
      { usageLimits: { maxToolCalls: 2 } },
      { name: 'publish', rule: 'usage_limit_exceeded', limit: 'tool_calls', observed: 3, ceiling: 2 },
    ],
    [
      'governance',
      { governance: [{ limit: 'max_tool_calls', value: 2 }] },
      { name: 'publish', rule: 'governance_breach', limit: 'max_tool_calls', observed: 3, ceiling: 2 },
    ],
  ])('is a tool beyond %s [WHATIF-4]', async (_, changes, stop) => {
    const log = await record(async (session) => {
      for (const tool of ['lookup', 'lookup', 'publish']) await session.runTool(tool, () => 1)
    })
    expect(only(log, changes).stoppedAt).toMatchObject({ seq: seqs(log, 'tools/started')[2], what: 'tool', ...stop })
  })

  it('is the repetition of a tool call [WHATIF-4]', async () => {
    const log = await record(async (session) => {
      for (const q of [1, 2, 1, 1]) await session.runTool('lookup', () => 1, { args: { q } })
    })
    const { stoppedAt } = only(log, { governance: [{ limit: 'max_repeated_calls', value: 2 }] })
    expect(stoppedAt).toMatchObject({ seq: seqs(log, 'tools/started')[3], observed: 3, ceiling: 2 })
  })

  it('is none where limits only alert, or a budget is not enforced [WHATIF-4]', async () => {
    const log = await record(turns(3))
    expect(only(log, { governance: [{ limit: 'max_iterations', value: 1, onBreach: 'alert' }] }).stoppedAt).toBeNull()
    expect(only(log, { budgetUsd: 0.01, enforceBudget: false })).toMatchObject({ stoppedAt: null, overran: null })
  })

  it('is found with limits that were raised for the session [WHATIF-4]', async () => {
    const log = await record(async (session) => {
      await turns(2)(session)
      session.raiseLimits({ budgetUsd: 0.1 })
      await turns(3)(session)
    })
    expect(only(log, { budgetUsd: 0.07 }).stoppedAt).toMatchObject({ observed: 0.132, ceiling: 0.1 })
  })

  it('is the call that a recovery makes again [WHATIF-4]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ recovery: { mode: 'execute' } })
    const running = orchestrator.session((session) => {
      let calls = 0
      return session.runTurn(
        ({ reportUsage }) => {
          calls += 1
          reportUsage(DRAFT.usage)
          return calls === 1 ? Promise.reject(new Error('HTTP 503')) : 'a'
        },
        { model: 'your-model' },
      )
    })
    await clock.advance(60_000)
    await running
    const { stoppedAt, costUsd } = only(runtime.log, { budgetUsd: 0.02 })
    expect(stoppedAt).toMatchObject({ seq: seqs(runtime.log, 'turns/retried')[0], rule: 'budget_exceeded' })
    expect(costUsd).toEqual({ recorded: 0.066, changed: 0.033 })
  })

  it('lets calls end that were in flight [WHATIF-5]', async () => {
    const slow = deferred<string>()
    const log = await record(async (session) => {
      const first = session.runTurn(() => slow.promise, DRAFT)
      await session.runTurn(() => 'b', DRAFT)
      await session.runTurn(() => 'c', DRAFT)
      slow.resolve('a')
      await first
    })
    const { costUsd, stoppedAt } = only(log, { maxIterations: 2 })
    expect(costUsd).toEqual({ recorded: 0.099, changed: 0.066 })
    expect(stoppedAt?.avoided).toMatchObject({ turns: 1, costUsd: 0.033 })
  })

  it('lets questions be answered that were asked [WHATIF-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const running = orchestrator.session(async (session) => {
      const question = session.pauseForInput('go on?')
      await session.runTool('lookup', () => 1)
      await question
    })
    await settle()
    runtime.provideInput('session-1', 'yes')
    await running
    expect(only(runtime.log, { usageLimits: { maxToolCalls: 0 } }).stoppedAt).toMatchObject({ name: 'lookup' })
  })

  it('is what later sessions of the project do not pay for [WHATIF-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 7 })
    await orchestrator.session(turns(4))
    await orchestrator.session(turns(1))
    await orchestrator.session(turns(2))
    const governance = [
      { limit: 'max_iterations', value: 2 },
      { limit: 'max_budget_usd', value: 0.1, scope: 'project' },
    ] as const
    const { sessions } = whatIf(runtime.log.facts(), { governance })
    expect(sessions.map(({ sessionId, stoppedAt }) => [sessionId, stoppedAt?.limit, stoppedAt?.observed])).toEqual([
      ['session-1', 'max_iterations', 3],
      ['session-3', 'max_budget_usd', 0.132],
    ])
  })

  it('stops the sessions that it would have handed its work to [WHATIF-7]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    const writer = await orchestrator.open()
    await turns(2)(writer)
    const handoff = await writer.handoffTo('editor', { reason: 'done', context: {} })
    await editor.session(turns(3), { handoff })
    const { sessions, totals } = whatIf(runtime.log.facts(), { maxIterations: 1 })
    expect(sessions).toMatchObject([
      { sessionId: 'session-1', stoppedAt: { what: 'turn' } },
      {
        sessionId: 'session-2',
        role: 'editor',
        costUsd: { recorded: 0.099, changed: 0 },
        stoppedAt: { what: 'handoff', name: 'session-1', rule: 'source_stopped', avoided: { turns: 3 } },
      },
    ])
    expect(totals.costUsd).toEqual({ recorded: 0.165, changed: 0.033 })
  })
})

describe('a turn that takes its session over', () => {
  it('is told, also when it is the last one [WHATIF-8]', async () => {
    const log = await record(turns(1))
    expect(only(log, { budgetUsd: 0.02 })).toMatchObject({
      stoppedAt: null,
      overran: { seq: seqs(log, 'turns/completed')[0], turnId: 'turn-1', rule: 'budget_exceeded', observed: 0.033 },
      costUsd: { recorded: 0.033, changed: 0.033 },
    })
  })

  it('is not told when it did so in the recorded run [WHATIF-8]', async () => {
    const log = await record(turns(1), { budgetUsd: 0.02, enforceBudget: true })
    expect(seqs(log, 'budgets/exceeded')).toHaveLength(1)
    expect(whatIf(log.facts(), { qualityGate: 'strict' }).sessions).toEqual([])
    expect(whatIf(log.facts(), { budgetUsd: 0.01 }).sessions).toEqual([])
  })

  it('may be one that failed too often [WHATIF-8]', async () => {
    const log = await record((session) => session.runTurn(() => Promise.reject(new Error('HTTP 500'))))
    const { overran } = only(log, { governance: [{ limit: 'max_consecutive_failures', value: 0 }] })
    expect(overran).toMatchObject({ rule: 'governance_breach', limit: 'max_consecutive_failures', observed: 1 })
  })
})

describe('a call that was refused and would be allowed', () => {
  it.each<[string, Partial<OrchestratorOptions>, WhatIfChanges, string]>([
    ['budget', { budgetUsd: 0.02, enforceBudget: true }, { budgetUsd: 1 }, 'budget_exceeded'],
    ['iterations', { maxIterations: 1 }, { maxIterations: 'unlimited' }, 'max_iterations_exceeded'],
    ['usage', { usageLimits: { maxTotalTokens: 10 } }, { usageLimits: {} }, 'usage_limit_exceeded'],
    ['governance', { governance: [{ limit: 'max_iterations', value: 1 }] }, { governance: [] }, 'governance_breach'],
  ])('is a turn that %s refused [WHATIF-9]', async (_, options, changes, rule) => {
    const log = await record(async (session) => {
      await rejection(session.runTurn(() => 'a', DRAFT).then(() => Promise.reject(new Error('went well'))))
      await session.runTurn(() => 'b', DRAFT)
    }, options)
    const [seq] = seqs(log, 'turns/refused')
    expect(only(log, changes).allowed).toEqual({ seq, what: 'turn', name: 'your-model', rule })
    expect(only(log, {}).allowed).toBeNull()
  })

  it.each<[string, Partial<OrchestratorOptions>, WhatIfChanges]>([
    ['permission', { permissions: { roles: {} } }, { permissions: { roles: { writer: { mode: 'full_access' } } } }],
    ['usage_limit', { usageLimits: { maxToolCalls: 1 } }, { usageLimits: { maxToolCalls: 2 } }],
    [
      'governance',
      { governance: [{ limit: 'max_repeated_calls', value: 1 }] },
      { governance: [{ limit: 'max_repeated_calls', value: 2 }] },
    ],
  ])('is a tool that was blocked by %s [WHATIF-9]', async (rule, options, changes) => {
    const log = await record(async (session) => {
      for (const q of [1, 1]) await session.runTool('lookup', () => 1, { args: { q } })
    }, options)
    const [seq] = seqs(log, 'tools/blocked')
    expect(only(log, changes).allowed).toEqual({ seq, what: 'tool', name: 'lookup', rule })
    expect(only(log, {}).allowed).toBeNull()
  })

  it('is none that a circuit breaker or a hook refused [WHATIF-9]', async () => {
    const hook = { name: 'no', beforeModel: () => Promise.reject(new Error('no')) }
    const log = await record(turns(1), { hooks: [hook] })
    expect(seqs(log, 'turns/refused')).toHaveLength(1)
    expect(whatIf(log.facts(), { budgetUsd: 10 }).sessions).toEqual([])
  })
})
