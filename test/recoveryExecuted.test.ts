import { describe, expect, it, vi } from 'vitest'
import {
  BudgetExceededError,
  CircuitOpenError,
  facts,
  SCENARIOS,
  type RecoveryOptions,
  type RecoveryStep,
  type Scenario,
} from '../src/index.js'
import { createRandom } from '../src/random.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

const MINUTE = 60_000

const TWO = { name: 'models', kind: 'static', providers: ['north', 'south'] } as const

/** Waits two seconds, then four. */
function execute(more: RecoveryOptions = {}): { readonly recovery: RecoveryOptions } {
  return { recovery: { mode: 'execute', backoff: { jitter: 'none' }, ...more } }
}

const RETRIED = ['turns/started', 'turns/attemptFailed', 'recovery/attempted', 'turns/retried', 'turns/completed']

/** An error of each scenario, what is done about it, and how long that takes. */
const RECOVERIES: Readonly<Record<Scenario, readonly [error: Error, steps: readonly RecoveryStep[], waitMs: number]>> =
  {
    llm_timeout: [httpError(504), ['retry_with_backoff'], 2_000],
    llm_error: [httpError(429), ['retry_with_backoff', 'switch_provider'], 2_000],
    tool_execution_error: [new Error('the tool failed'), ['restart_agent'], 0],
    context_overflow: [httpError(413), ['retry_with_smaller_context', 'reduce_tool_set'], 0],
    dependency_timeout: [new Error('the database is locked'), ['retry_with_backoff'], 2_000],
    memory_corruption: [new SyntaxError('not JSON'), ['clear_memory_cache', 'restart_agent'], 0],
    provider_failure: [httpError(503), ['switch_provider', 'retry_with_backoff'], 2_000],
  }

describe('a recovery that is carried out', () => {
  it.each(SCENARIOS)('of %s does what its recipe says and calls again [RETRY-1, RETRY-10]', async (scenario) => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime({ ...execute(), providers: TWO })
    const session = await orchestrator.open()
    const [error, steps, waitMs] = RECOVERIES[scenario]
    const thunk = scripted(error, 'done')
    const before = clock.now()
    const turn = session.runTurn(thunk)
    await clock.advance(waitMs)
    expect(await turn).toMatchObject({ value: 'done', turnId: 'turn-1' })
    expect(clock.now() - before).toBe(waitMs)
    expect(sessionFacts().slice(1)).toEqual(RETRIED)
    expect(thunk.seen.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(thunk.seen[0]?.recovery).toBeNull()
    expect(thunk.seen[1]?.recovery).toEqual({ scenario, steps })
    expect(payloadsOf(runtime.log, facts.turnAttemptFailed)).toMatchObject([{ attempt: 1, scenario }])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { callId: 'turn-1', scenario, outcome: 'recovered', recoveredSteps: steps, remainingSteps: [] },
    ])
    expect(payloadsOf(runtime.log, facts.turnRetried)).toMatchObject([{ attempt: 2, steps, waitedMs: waitMs }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('shrinks the context and the tools a bit more each time [RETRY-8]', async () => {
    const { orchestrator, runtime } = createTestRuntime(execute({ recipes: { context_overflow: { maxAttempts: 2 } } }))
    const session = await orchestrator.open()
    const thunk = scripted(httpError(413), httpError(413), 'short enough')
    await session.runTurn(thunk)
    expect(thunk.seen.map(({ contextScale, toolScale }) => [contextScale, toolScale])).toEqual([
      [1, 1],
      [0.75, 0.5],
      [0.5625, 0.25],
    ])
    expect(payloadsOf(runtime.log, facts.turnRetried)).toMatchObject([
      { contextScale: 0.75, toolScale: 0.5 },
      { contextScale: 0.5625, toolScale: 0.25 },
    ])
    const next = scripted('another turn')
    await session.runTurn(next)
    expect(next.seen).toMatchObject([{ contextScale: 1, toolScale: 1 }])
  })

  it('gives each attempt a signal of its own and aborts the one before [RETRY-10]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const signals: AbortSignal[] = []
    const turn = session.runTurn(
      ({ signal, attempt }) => {
        signals.push(signal)
        return attempt === 1 ? new Promise(() => undefined) : 'in time'
      },
      { timeoutMs: 500 },
    )
    await clock.advance(2_500)
    await turn
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(signals[0]?.reason).toMatchObject({ code: 'turn_timeout' })
  })

  it('aborts the signal of a call that failed by itself, before it calls again [RETRY-10]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const signals: AbortSignal[] = []
    const error = httpError(504)
    const turn = session.runTurn(({ signal, attempt }) => {
      signals.push(signal)
      if (attempt === 1) throw error
    })
    await clock.advance(1_999)
    expect(signals[0]?.aborted).toBe(false)
    await clock.advance(1)
    await turn
    expect(signals.map(({ reason }) => reason as unknown)).toEqual([error, undefined])
  })

  it('gives each attempt the whole timeout [RETRY-1]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const hang = vi.fn(() => new Promise(() => undefined))
    const error = rejection(session.runTurn(hang, { timeoutMs: 500 }))
    await clock.advance(500 + 2_000 + 499)
    expect(hang).toHaveBeenCalledTimes(2)
    await clock.advance(1)
    expect(session.pendingRequests).toEqual([])
    await clock.advance(4_000 + 500)
    expect(hang).toHaveBeenCalledTimes(3)
    expect(session.pendingRequests).toMatchObject([{ kind: 'escalation' }])
    await session.cancel()
    await error
  })

  it('counts what every attempt used, once [RETRY-2]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const turn = session.runTurn(
      ({ attempt, reportUsage }) => {
        reportUsage({ inputTokens: 1_000 * attempt })
        if (attempt < 3) throw httpError(504)
        return 'done'
      },
      { model: 'your-model' },
    )
    await clock.advance(MINUTE)
    expect((await turn).usage).toMatchObject({ inputTokens: 3_000 })
    expect(session.summary().usage).toMatchObject({ turns: 1, inputTokens: 6_000, costUsd: 0.018 })
    expect(session.summary().turns).toMatchObject({ iterations: 1, started: 1, retried: 2, completed: 1, failed: 0 })
    expect(runtime.select.totals()).toMatchObject({ inputTokens: 6_000 })
  })

  it('that fails counts what its attempts used, and adds nothing of its own [RETRY-2]', async () => {
    const { orchestrator, runtime } = createTestRuntime(
      execute({ recipes: { llm_error: { steps: ['switch_provider'] } } }),
    )
    const session = await orchestrator.open()
    const turn = session.runTurn(
      ({ reportUsage }) => {
        reportUsage(DRAFT.usage)
        throw httpError(429)
      },
      { model: 'your-model' },
    )
    await rejection(turn)
    expect(payloadsOf(runtime.log, facts.turnFailed)).toMatchObject([
      { usage: { inputTokens: 0, outputTokens: 0 }, metered: true, breakerOutcome: 'released' },
    ])
    expect(session.summary().usage).toMatchObject({ inputTokens: 5_000, outputTokens: 1_200, costUsd: 0.033 })
    expect(session.summary().turns).toMatchObject({ failed: 1, unmetered: 0 })
  })

  it('of which nobody says what the last attempt used is reported as unmetered [RETRY-2]', async () => {
    const { orchestrator } = createTestRuntime(execute({ recipes: { llm_error: { steps: ['switch_provider'] } } }))
    const session = await orchestrator.open()
    await rejection(session.runTurn(scripted(httpError(429))))
    expect(session.summary().turns).toMatchObject({ failed: 1, unmetered: 1 })
  })
})

describe('the backoff', () => {
  /** When the function was called, in a turn that fails twice. */
  async function callTimes(seed: number, recovery: RecoveryOptions = { mode: 'execute' }): Promise<readonly number[]> {
    const { orchestrator, clock } = createTestRuntime({ recovery }, { seed })
    const session = await orchestrator.open()
    const times: number[] = []
    const turn = session.runTurn(({ attempt }) => {
      times.push(clock.now() - 1_000)
      if (attempt < 3) throw httpError(504)
    })
    await clock.advance(10 * MINUTE)
    await turn
    return times
  }

  it('waits the same when the seed is the same [RETRY-5]', async () => {
    const [first, again, other] = [await callTimes(7), await callTimes(7), await callTimes(8)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(first).toHaveLength(3)
  })

  it('grows with the attempts, in whole milliseconds [RETRY-5]', async () => {
    const none = await callTimes(1, { mode: 'execute', backoff: { jitter: 'none', baseMs: 3_000 } })
    expect(none).toEqual([0, 3_000, 12_000])
    const [, second = 0, third = 0] = await callTimes(1)
    expect([second, third].every(Number.isInteger)).toBe(true)
    expect(second).toBeGreaterThanOrEqual(2_000)
    expect(second).toBeLessThanOrEqual(6_000)
    expect(third - second).toBeGreaterThanOrEqual(2_000)
    expect(third - second).toBeLessThanOrEqual(3 * second)
  })

  it('is never longer than its cap [RETRY-5]', async () => {
    const [, , third] = await callTimes(1, { mode: 'execute', backoff: { jitter: 'none', capMs: 2_500 } })
    expect(third).toBe(4_500)
  })

  it('takes its chances from numbers that are spread evenly', () => {
    const random = createRandom(42)
    const counts = Array<number>(10).fill(0)
    for (let n = 0; n < 10_000; n += 1) counts[Math.floor(random() * 10)]! += 1
    expect(Math.min(...counts)).toBeGreaterThan(900)
    expect(Math.max(...counts)).toBeLessThan(1_100)
  })
})

describe('a recipe of one’s own', () => {
  it('takes the place of the built-in one [REC-1]', async () => {
    const recipes = { llm_error: { steps: ['reduce_tool_set'], maxAttempts: 3, escalationPolicy: 'abort' } } as const
    const { orchestrator, clock } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    const error = httpError(429)
    const thunk = scripted(error, error, error, error)
    expect(await rejection(session.runTurn(thunk))).toBe(error)
    expect(thunk.seen.map(({ toolScale }) => toolScale)).toEqual([1, 0.5, 0.25, 0.125])
    expect(clock.pendingTimers).toBe(0)
  })

  it('may try a step several times within one recovery [REC-6]', async () => {
    const steps = { clear_memory_cache: vi.fn(({ attempt }: { attempt: number }) => attempt === 3) }
    const recipes = { memory_corruption: { stepRetries: { clear_memory_cache: 3 } } }
    const { orchestrator } = createTestRuntime(execute({ recipes, steps }))
    const session = await orchestrator.open()
    expect((await session.runTurn(scripted(new SyntaxError('bad'), 'done'))).value).toBe('done')
    expect(steps.clear_memory_cache.mock.calls.map(([{ attempt }]) => attempt)).toEqual([1, 2, 3])
  })

  it('with a step that may not be tried at all cannot succeed [REC-6]', async () => {
    const recipes = { tool_execution_error: { stepRetries: { restart_agent: 0 } } }
    const { orchestrator, runtime } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    await rejection(session.runTurn(scripted(new Error('tool failed'))))
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([{ outcome: 'partial_recovery' }])
  })

  it('that nobody can carry out is not followed by a call [RETRY-4]', async () => {
    const recipes = { llm_error: { steps: ['switch_provider'] } } as const
    const { orchestrator, runtime, sessionFacts } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    const error = httpError(429)
    expect(await rejection(session.runTurn(scripted(error)))).toBe(error)
    expect(sessionFacts().slice(2)).toEqual(['turns/attemptFailed', 'recovery/attempted', 'turns/failed'])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'partial_recovery', recoveredSteps: [], remainingSteps: ['switch_provider'] },
    ])
  })

  it('is carried out without the steps that nobody can carry out [RETRY-4]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(429), 'done'))
    await clock.advance(2_000)
    await turn
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'recovered', recoveredSteps: ['retry_with_backoff'], remainingSteps: [] },
    ])
  })
})

describe('a handler of a step', () => {
  it('carries it out instead of the runtime [RETRY-11]', async () => {
    const handler = vi.fn(() => true)
    const { orchestrator } = createTestRuntime(execute({ steps: { retry_with_backoff: handler } }))
    const session = await orchestrator.open()
    const error = httpError(504)
    expect((await session.runTurn(scripted(error, 'at once'))).value).toBe('at once')
    expect(handler.mock.calls).toMatchObject([
      [{ scenario: 'llm_timeout', step: 'retry_with_backoff', index: 0, attempt: 1, error }],
    ])
  })

  it('is asked even for a step that the runtime could not carry out [RETRY-4]', async () => {
    const switched = vi.fn(async () => true)
    const { orchestrator, clock } = createTestRuntime(execute({ steps: { switch_provider: switched } }))
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(503), 'done'))
    await clock.advance(2_000)
    await turn
    expect(switched).toHaveBeenCalledTimes(1)
  })

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
    ['says no', () => false],
  ])('that %s ends the recovery with the error of the turn [RETRY-11, RETRY-3]', async (_what, handler) => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime(execute({ steps: { restart_agent: handler } }))
    const session = await orchestrator.open()
    const error = new SyntaxError('bad memory')
    expect(await rejection(session.runTurn(scripted(error)))).toBe(error)
    expect(sessionFacts().at(-1)).toBe('turns/failed')
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      {
        outcome: 'partial_recovery',
        recoveredSteps: ['clear_memory_cache'],
        remainingSteps: ['restart_agent'],
      },
    ])
  })

  it('is not waited for when the call is aborted, and hears of it [RETRY-14]', async () => {
    let signal: AbortSignal | undefined
    const hang = (step: { signal: AbortSignal }) => {
      signal = step.signal
      return new Promise<boolean>(() => undefined)
    }
    const { orchestrator, sessionFacts } = createTestRuntime(execute({ steps: { restart_agent: hang } }))
    const session = await orchestrator.open()
    const stop = new AbortController()
    const turn = rejection(session.runTurn(scripted(new SyntaxError('bad')), { signal: stop.signal }))
    await settle()
    stop.abort('enough')
    expect(await turn).toBe('enough')
    expect(signal?.aborted).toBe(true)
    expect(sessionFacts().slice(2)).toEqual(['turns/attemptFailed', 'turns/cancelled'])
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

describe('a stream', () => {
  it('begins again after a recovery, and says so [STRM-2]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const events: unknown[] = []
    const reading = (async () => {
      for await (const event of session.runTurnStream(async function* ({ attempt }) {
        yield `try ${attempt}`
        if (attempt === 1) throw httpError(504)
      })) {
        events.push(event.type === 'text_delta' ? event.delta : event.type)
      }
    })()
    await clock.advance(2_000)
    await reading
    expect(events).toEqual(['try 1', 'restart', 'try 2', 'final'])
  })
})

function fail(): never {
  throw new Error('the handler is broken')
}
