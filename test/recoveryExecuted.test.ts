import { describe, expect, it, vi } from 'vitest'
import { facts, SCENARIOS, type RecoveryOptions, type RecoveryStep, type Scenario } from '../src/index.js'
import { createRandom } from '../src/random.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'
import { execute, httpError, payloadsOf, scripted } from './support/scripted.js'

const MINUTE = 60_000

const TWO = { name: 'models', kind: 'static', providers: ['north', 'south'] } as const

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
