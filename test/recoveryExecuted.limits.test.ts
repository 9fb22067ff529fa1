import { describe, expect, it, vi } from 'vitest'
import { BudgetExceededError, CircuitOpenError, facts } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'
import { execute, httpError, payloadsOf, scripted } from './support/scripted.js'

const MINUTE = 60_000

const TWO = { name: 'models', kind: 'static', providers: ['north', 'south'] } as const

describe('before a call is made again', () => {
  it('the budget is asked [RETRY-9]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime({
      ...execute(),
      budgetUsd: 0.01,
      enforceBudget: true,
    })
    const session = await orchestrator.open()
    const error = httpError(504)
    const thunk = vi.fn(({ reportUsage }: { reportUsage: (usage: object) => void }) => {
      reportUsage(DRAFT.usage)
      throw error
    })
    const turn = rejection(session.runTurn(thunk, { model: 'your-model' }))
    await clock.advance(MINUTE)
    expect(await turn).toBe(error)
    expect(thunk).toHaveBeenCalledTimes(1)
    expect(sessionFacts().slice(-3)).toEqual(['budgets/exceeded', 'recovery/attempted', 'turns/failed'])
    expect(await rejection(session.runTurn(thunk))).toBeInstanceOf(BudgetExceededError)
  })

  it('the model is, when the orchestrator refuses what nobody can price [RETRY-9]', async () => {
    const { orchestrator, clock } = createTestRuntime({ ...execute(), providers: TWO, unpricedModels: 'refuse' })
    const session = await orchestrator.open()
    const error = httpError(503)
    const thunk = scripted(error, 'unpriced')
    const model = (provider: string | null) => (provider === 'north' ? 'your-model' : 'mystery')
    const turn = rejection(session.runTurn(thunk, { model }))
    await clock.advance(MINUTE)
    expect(await turn).toBe(error)
    expect(thunk).toHaveBeenCalledTimes(1)
  })

  it('the circuit breaker is asked, which has seen each attempt [RETRY-2, RETRY-9]', async () => {
    const circuitBreaker = { name: 'api', failureThreshold: 2, recoveryTimeoutMs: 30_000 }
    const { orchestrator, runtime, clock } = createTestRuntime({ ...execute(), circuitBreaker })
    const session = await orchestrator.open()
    const error = httpError(504)
    const thunk = scripted(error, error, 'not called')
    const turn = rejection(session.runTurn(thunk))
    await settle()
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 1 })
    await clock.advance(10_000)
    expect(await turn).toBe(error)
    expect(thunk).toHaveBeenCalledTimes(2)
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'open', failures: 2 })
    expect(await rejection(session.runTurn(thunk))).toBeInstanceOf(CircuitOpenError)
  })

  it('an open breaker lets a retry through as its probe once its time is up [RETRY-9]', async () => {
    const circuitBreaker = { name: 'api', failureThreshold: 1, recoveryTimeoutMs: 1_500 }
    const { orchestrator, runtime, clock } = createTestRuntime({ ...execute(), circuitBreaker })
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(504), 'back'))
    await clock.advance(2_000)
    expect((await turn).value).toBe('back')
    expect(payloadsOf(runtime.log, facts.turnRetried)).toMatchObject([{ admission: { probe: true } }])
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('the governance limits are, and a breach takes the place of the error [RETRY-9, RETRY-15]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime({
      ...execute(),
      governance: [{ limit: 'max_budget_usd', value: 0.01, onBreach: 'terminate' }],
    })
    const session = await orchestrator.open()
    const cause = httpError(504)
    const turn = rejection(
      session.runTurn(
        ({ reportUsage }) => {
          reportUsage(DRAFT.usage)
          throw cause
        },
        { model: 'your-model' },
      ),
    )
    await clock.advance(MINUTE)
    expect(await turn).toMatchObject({ code: 'governance_breach', cause })
    expect(sessionFacts().slice(-3)).toEqual(['recovery/attempted', 'turns/failed', 'governance/breached'])
  })
})

describe('cancelling while a recovery waits', () => {
  it.each([
    ['the signal of the turn', 'enough'],
    ['the end of the session', { code: 'cancelled' }],
  ])('by %s ends the turn at once and leaves no timer [RETRY-14]', async (by, reason) => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const stop = new AbortController()
    const turn = rejection(session.runTurn(scripted(httpError(504)), { signal: stop.signal }))
    await clock.advance(1_000)
    expect(clock.pendingTimers).toBe(1)
    if (by === 'the signal of the turn') stop.abort('enough')
    else await session.cancel()
    const error = await turn
    if (typeof reason === 'string') expect(error).toBe(reason)
    else expect(error).toMatchObject(reason)
    expect(clock.pendingTimers).toBe(0)
    expect(
      sessionFacts()
        .filter((type) => type !== 'sessions/cancelled')
        .slice(2),
    ).toEqual(['turns/attemptFailed', 'turns/cancelled'])
    expect(session.summary()).toMatchObject({ turns: { cancelled: 1, failed: 0 }, inFlight: { turns: [] } })
  })

  it('keeps what the failed attempt used [RETRY-14]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const turn = session.runTurn(
      ({ reportUsage }) => {
        reportUsage(DRAFT.usage)
        throw httpError(504)
      },
      { model: 'your-model' },
    )
    const error = rejection(turn)
    await clock.advance(1_000)
    await session.cancel()
    await error
    expect(session.summary().usage).toMatchObject({ inputTokens: 5_000, costUsd: 0.033 })
  })

  it('is no use to a session that was completed: what still runs in it is not tried again [RETRY-9]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const error = httpError(504)
    const turn = rejection(session.runTurn(scripted(error)))
    await clock.advance(1_000)
    await session.complete()
    await clock.advance(1_000)
    expect(await turn).toBe(error)
    expect(sessionFacts().slice(-3)).toEqual(['sessions/completed', 'recovery/attempted', 'turns/failed'])
  })

  it('is not begun when the session was completed before the call failed [RETRY-9]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const error = httpError(504)
    const turn = rejection(
      session.runTurn(async () => {
        await session.complete()
        throw error
      }),
    )
    expect(await turn).toBe(error)
    expect(sessionFacts().slice(2)).toEqual(['sessions/completed', 'turns/attemptFailed', 'turns/failed'])
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('errors of this runtime', () => {
  it('are decisions and not tried again [RETRY-1]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime(execute())
    const poor = runtime.orchestrator({ role: 'poor', phase: 'draft', maxIterations: 0 })
    const session = await orchestrator.open()
    const thunk = vi.fn(() => poor.session((inner) => inner.runTurn(() => 'never')))
    expect(await rejection(session.runTurn(thunk))).toMatchObject({ code: 'max_iterations_exceeded' })
    expect(thunk).toHaveBeenCalledTimes(1)
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/failed'])
  })

  it('are tried again when they are timeouts [RETRY-1]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute())
    const slow = runtime.orchestrator({ role: 'slow', phase: 'draft', turnTimeoutMs: 100 })
    const session = await orchestrator.open()
    const thunk = vi.fn(() => slow.session((inner) => inner.runTurn(() => new Promise(() => undefined))))
    void rejection(session.runTurn(thunk))
    await clock.advance(2_100)
    expect(thunk).toHaveBeenCalledTimes(2)
    await session.cancel()
  })
})
