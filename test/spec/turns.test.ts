import { describe, expect, it, vi } from 'vitest'
import { facts, type Guardrail, type Hook, type OrchestratorOptions, type TurnCall } from '../../src/index.js'
import { createTestRuntime, DRAFT, rejection } from '../support/runtime.js'

describe('before a turn', () => {
  it('the session must be open and the signal not aborted, or nothing is recorded [TURN-2]', async () => {
    const { orchestrator, factTypes } = createTestRuntime()
    const session = await orchestrator.open()
    const before = factTypes()
    const reason = new Error('too late')
    const model = vi.fn()
    expect(await rejection(session.runTurn(model, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(factTypes()).toEqual(before)
    await session.complete()
    expect(await rejection(session.runTurn(model))).toMatchObject({ code: 'session_ended' })
    expect(factTypes()).toEqual([...before, 'sessions/completed'])
    expect(model).not.toHaveBeenCalled()
  })

  const no = { allowed: false } as const
  const unlessFirst = (input: unknown) => input !== 'first'

  /** What says no to the second turn of a session, in the order in which it is asked. */
  const noes: readonly [reason: string, options: Partial<OrchestratorOptions>][] = [
    ['rate_limit_exceeded', { rateLimit: { name: 'r', requests: { capacity: 1, refillPerSecond: 1 } } }],
    ['max_iterations_exceeded', { maxIterations: 1 }],
    ['unpriced_model', { unpricedModels: 'refuse' }],
    ['budget_exceeded', { budgetUsd: 0.01, enforceBudget: true }],
    ['usage_limit_exceeded', { usageLimits: { maxTotalTokens: 1 } }],
    ['governance_breach', { governance: [{ limit: 'max_iterations', value: 1 }] }],
    [
      'hook_failed',
      {
        hooks: [{ name: 'h', beforeModel: (input) => (unlessFirst(input) ? Promise.reject(new Error('no')) : input) }],
      },
    ],
    [
      'guardrail',
      {
        guardrails: [
          {
            ...{ name: 'g', stages: ['pre'], appliesTo: ['turn'] },
            check: ({ input }) => (unlessFirst(input) ? no : { allowed: true }),
          },
        ],
      },
    ],
    ['circuit_open', { circuitBreaker: { name: 'api', failureThreshold: 1 } }],
  ]

  it.each(noes.map(([reason], index) => [reason, index] as const))(
    'the first check that says no decides, here %s [TURN-3, TURN-4]',
    async (reason, index) => {
      const options = noes
        .slice(index)
        .reduce<Partial<OrchestratorOptions>>((all, [, more]) => ({ ...all, ...more }), { maxRateLimitWaitMs: 0 })
      const { orchestrator, runtime } = createTestRuntime(options)
      const session = await orchestrator.open()
      await session.runTurn(() => 1, { ...DRAFT, input: 'first' }).catch(() => undefined)
      runtime.breaker('api').recordFailure()
      const model = vi.fn()
      await rejection(session.runTurn(model, { model: 'mystery', input: 'second' }))
      expect(model).not.toHaveBeenCalled()
      const refusals = runtime.log
        .facts()
        .filter((fact) => facts.turnRefused.match(fact) || facts.turnBlocked.match(fact))
      expect(refusals.map(({ payload }) => ('reason' in payload ? payload.reason : 'guardrail'))).toEqual([reason])
    },
  )
})

describe('the function of a turn', () => {
  it('gets all that there is to know about its call [TURN-11]', async () => {
    const hook: Hook = { name: 'h', beforeModel: (input) => `${String(input)}!` }
    const { orchestrator } = createTestRuntime({
      hooks: [hook],
      providers: { name: 'llm', kind: 'static', providers: ['a'] },
    })
    const session = await orchestrator.open()
    let seen: TurnCall | undefined
    await session.runTurn((call) => void (seen = call), { model: (provider) => `your-model-${provider}`, input: 'hi' })
    const { sessionId, turnId, model, provider, input, attempt, contextScale, toolScale, recovery } = seen!
    expect({ sessionId, turnId, model, provider, input, attempt, contextScale, toolScale, recovery }).toEqual({
      ...{ sessionId: 'session-1', turnId: 'turn-1', model: 'your-model-a', provider: 'a', input: 'hi!' },
      ...{ attempt: 1, contextScale: 1, toolScale: 1, recovery: null },
    })
    expect(seen?.signal).toBeInstanceOf(AbortSignal)
    expect(seen?.reportUsage).toBeInstanceOf(Function)
  })
})

describe('after a turn', () => {
  const upper: Hook = { name: 'h', afterModel: (value) => String(value).toUpperCase() }
  const noQuestions: Guardrail = {
    name: 'g',
    stages: ['post'],
    appliesTo: ['turn'],
    check: ({ value }) => ({ allowed: !String(value).endsWith('?'), reason: String(value) }),
  }

  it('hooks, guardrails, the key and the limits follow each other [TURN-15]', async () => {
    const { orchestrator, sessionFacts, runtime } = createTestRuntime({
      hooks: [upper],
      guardrails: [noQuestions],
      ...{ budgetUsd: 0.01, enforceBudget: true, usageLimits: { maxTotalTokens: 1 } },
      governance: [{ limit: 'max_budget_usd', value: 0.01 }],
    })
    const session = await orchestrator.open({ threadId: 'essay' })
    const blocked = session.runTurn(() => 'well?', { ...DRAFT, idempotencyKey: 'a' })
    expect(await rejection(blocked)).toMatchObject({
      code: 'guardrail_violated',
      reason: 'WELL?',
      result: { value: 'WELL?', turnId: 'turn-1' },
    })
    expect(runtime.log.facts('essay').map(({ type }) => type)).toEqual([
      ...['sessions/opened', 'turns/started', 'turns/completed', 'budgets/exceeded', 'turns/blocked'],
    ])
    const other = await orchestrator.open({ threadId: 'other' })
    const over = other.runTurn(() => 'well', { ...DRAFT, idempotencyKey: 'a' })
    expect(await rejection(over)).toMatchObject({ code: 'budget_exceeded', result: { value: 'WELL' } })
    expect(runtime.log.facts('other').map(({ type }) => type)).toEqual([
      ...['sessions/opened', 'turns/started', 'turns/completed', 'budgets/exceeded', 'turns/kept'],
    ])
    expect(sessionFacts()).toEqual([])
  })

  it('usage limits are looked at after the budget, and governance after both [TURN-15]', async () => {
    const limits = { usageLimits: { maxTotalTokens: 1 }, governance: [{ limit: 'max_budget_usd', value: 0 } as const] }
    const one = await createTestRuntime(limits).orchestrator.open()
    expect(await rejection(one.runTurn(() => 'x', DRAFT))).toMatchObject({ code: 'usage_limit_exceeded', called: true })
    const two = await createTestRuntime({ governance: limits.governance }).orchestrator.open()
    expect(await rejection(two.runTurn(() => 'x', DRAFT))).toMatchObject({
      code: 'governance_breach',
      result: { value: 'x' },
    })
  })
})

describe('the sessions of a thread', () => {
  it('share a stream, totals and the answers of their keys [SESS-20]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const answer = vi.fn(() => 'once')
    for (let run = 0; run < 2; run += 1) {
      await orchestrator.session((session) => session.runTurn(answer, { ...DRAFT, idempotencyKey: 'k' }), {
        threadId: 'essay',
      })
    }
    await orchestrator.session((session) => session.runTurn(() => 'apart', DRAFT))
    expect(answer).toHaveBeenCalledTimes(1)
    expect(runtime.log.facts('essay').map(({ payload }) => (payload as { sessionId: string }).sessionId)).toEqual([
      ...Array.from({ length: 5 }, () => 'session-1'),
      ...Array.from({ length: 3 }, () => 'session-2'),
    ])
    expect(runtime.select.thread('essay')?.turns).toMatchObject({ completed: 1, replayed: 1 })
    expect(runtime.select.thread('other')).toBeUndefined()
  })
})
