import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  AlreadyRegisteredError,
  facts,
  NotFoundError,
  RateLimitExceededError,
  replay,
  type AgentSession,
  type Clock,
  type OrchestratorOptions,
  type RateLimitOptions,
} from '../src/index.js'
import { createManualClock, settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

/** One request per second after the first two. */
const REQUESTS: RateLimitOptions = { name: 'api', requests: { capacity: 2, refillPerSecond: 1 } }

/** A hundred output tokens at once, ten per second. */
const OUTPUT: RateLimitOptions = { name: 'api', outputTokens: { capacity: 100, refillPerSecond: 10 } }

async function setUp(rateLimit: RateLimitOptions, more: Partial<OrchestratorOptions> = {}, runtimeClock?: Clock) {
  const test = createTestRuntime(
    { rateLimit, maxIterations: 'unlimited', ...more },
    runtimeClock ? { clock: runtimeClock } : {},
  )
  const session = await test.orchestrator.open()
  const started: string[] = []
  /** A turn that says when it was called. */
  const ask = (who: string, options: Parameters<AgentSession['runTurn']>[1] = {}) =>
    session
      .runTurn(() => void started.push(`${who} at ${test.clock.now() - 1_000}`), { usage: {}, ...options })
      .catch((error: unknown) => void started.push(`${who} left: ${String(error)}`))
  const level = (bucket: 'rpm' | 'input_tpm' | 'output_tpm' = 'output_tpm') => {
    const { tokens = NaN } = test.runtime.getState().rateLimits['api']?.[bucket] ?? {}
    return tokens
  }
  const charges = () => payloadsOf(test.runtime.log, facts.rateLimitsCharged).map(({ tokens }) => tokens)
  return { ...test, session, started, ask, level, charges }
}

const estimate = (outputTokens: number) => ({ estimate: { outputTokens }, usage: { outputTokens } })

describe('a rate limit', () => {
  it('takes a request and the tokens of the estimate before the call, all at once [RATE-8]', async () => {
    const { session, charges, runtime, sessionFacts } = await setUp({
      ...REQUESTS,
      inputTokens: { capacity: 1_000, refillPerSecond: 1 },
      outputTokens: { capacity: 500, refillPerSecond: 1 },
    })
    const usage = { inputTokens: 300, outputTokens: 50 }
    await session.runTurn(() => 'done', { estimate: usage, usage })
    expect(charges()).toEqual([{ rpm: 1, input_tpm: 300, output_tpm: 50 }])
    expect(sessionFacts().slice(1)).toEqual(['rateLimits/charged', 'turns/started', 'turns/completed'])
    expect(runtime.getState().rateLimits['api']).toMatchObject({
      rpm: { tokens: 1 },
      input_tpm: { tokens: 700 },
      output_tpm: { tokens: 450 },
    })
  })

  it('records nothing for a call that needs none of its buckets [RATE-7, RATE-12]', async () => {
    const { session, charges } = await setUp(OUTPUT)
    await session.runTurn(() => 'done', { usage: { inputTokens: 5_000 } })
    expect(charges()).toEqual([])
  })

  it('lets calls wait on the clock of the runtime, each its exact time [RATE-9]', async () => {
    const { clock, started, ask } = await setUp(REQUESTS)
    const turns = ['a', 'b', 'c', 'd'].map((who) => ask(who))
    await clock.advance(10_000)
    await Promise.all(turns)
    expect(started).toEqual(['a at 0', 'b at 0', 'c at 1000', 'd at 2000'])
  })

  it('has one timer for all who wait, and does not poll [RATE-9]', async () => {
    const clock = createManualClock(1_000)
    const delays: number[] = []
    const counting: Clock = {
      ...clock,
      setTimeout(callback, delayMs) {
        delays.push(delayMs)
        return clock.setTimeout(callback, delayMs)
      },
    }
    const { ask } = await setUp(REQUESTS, {}, counting)
    const turns = ['a', 'b', 'c', 'd', 'e'].map((who) => ask(who))
    await settle()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(3_000)
    await Promise.all(turns)
    expect(delays).toEqual([1_000, 1_000, 1_000])
    expect(clock.pendingTimers).toBe(0)
  })

  it('serves in the order of asking: a small call does not overtake a large one [RATE-9]', async () => {
    const { clock, started, ask } = await setUp(OUTPUT)
    await ask('first', estimate(100))
    void ask('large', estimate(80))
    await clock.advance(1_000)
    void ask('small', estimate(1))
    await clock.advance(7_000)
    expect(started).toEqual(['first at 0', 'large at 8000'])
    await clock.advance(100)
    expect(started.at(-1)).toBe('small at 8100')
  })

  it('lets a call that is larger than a bucket go when that is full, and leaves a debt [RATE-9]', async () => {
    const { clock, started, ask, level } = await setUp(OUTPUT)
    await ask('small', estimate(10))
    void ask('huge', estimate(300))
    void ask('next', estimate(10))
    await clock.advance(1_000)
    expect(started).toEqual(['small at 0', 'huge at 1000'])
    expect(level()).toBe(-200)
    await clock.advance(21_000)
    expect(started.at(-1)).toBe('next at 22000')
  })

  it('is shared by all who name it [RATE-7]', async () => {
    const { runtime, clock, started, ask } = await setUp(REQUESTS)
    const other = await runtime.orchestrator({ role: 'editor', phase: 'review', rateLimit: 'api' }).open()
    await ask('writer')
    await other.runTurn(() => void started.push('editor'))
    void ask('again')
    void other.runTurn(() => void started.push('editor again'))
    await clock.advance(999)
    expect(started).toEqual(['writer at 0', 'editor'])
    await clock.advance(1_001)
    expect(started.slice(2)).toEqual(['again at 1000', 'editor again'])
  })

  it('has one configuration under its name [RATE-7]', async () => {
    const { runtime } = await setUp(REQUESTS)
    expect(() => runtime.configureRateLimit(OUTPUT)).toThrow(AlreadyRegisteredError)
    expect(() => runtime.configureRateLimit(REQUESTS)).not.toThrow()
    expect(payloadsOf(runtime.log, facts.rateLimitsConfigured)).toHaveLength(1)
    expect(() => runtime.orchestrator({ role: 'a', phase: 'b', rateLimit: 'unknown' })).toThrow(NotFoundError)
  })

  it.each<[string, unknown]>([
    ['rateLimit.name', { requests: REQUESTS.requests }],
    ['rateLimit.requests.capacity', { name: 'api', requests: { capacity: 0, refillPerSecond: 1 } }],
    ['rateLimit.inputTokens.refillPerSecond', { name: 'api', inputTokens: { capacity: 1, refillPerSecond: -1 } }],
    ['rateLimit.outputTokens.refillPerSecond', { name: 'api', outputTokens: { capacity: 1 } }],
    ['rateLimit.tokens', { name: 'api', tokens: { capacity: 1, refillPerSecond: 1 } }],
    ['rateLimit', 7],
  ])('names %s when that is not usable [RATE-7]', (field, rateLimit) => {
    expect(() => createTestRuntime({ rateLimit: rateLimit as RateLimitOptions })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})

describe('a wait for a rate limit', () => {
  it('that would be too long is refused at once, and nothing is taken [RATE-10]', async () => {
    const { session, ask, charges, clock, sessionFacts } = await setUp(REQUESTS, { maxRateLimitWaitMs: 999 })
    await ask('a')
    await ask('b')
    const model = vi.fn()
    const error = await rejection(session.runTurn(model))
    expect(error).toBeInstanceOf(RateLimitExceededError)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', bucket: 'rpm', tokens: 1, waitMs: 1_000 })
    expect(model).not.toHaveBeenCalled()
    expect(charges()).toHaveLength(2)
    expect(sessionFacts().at(-1)).toBe('turns/refused')
    expect(session.summary().turns).toMatchObject({ refused: 1, iterations: 2 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts those in front, and may be exactly as long as allowed [RATE-10]', async () => {
    const { clock, started, ask } = await setUp(REQUESTS, { maxRateLimitWaitMs: 3_000 })
    for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) void ask(who)
    await settle()
    expect(started.at(-1)).toContain("f left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 4000 ms")
    await clock.advance(3_000)
    expect(started.at(-1)).toBe('e at 3000')
  })

  it('counts what flows over in one bucket while those in front wait for another [RATE-10]', async () => {
    const both = { ...OUTPUT, requests: { capacity: 1, refillPerSecond: 1 } }
    const { clock, started, ask } = await setUp(both, { maxRateLimitWaitMs: 10_500 })
    await ask('first', estimate(100))
    void ask('slow', estimate(100))
    void ask('late', estimate(0))
    await settle()
    expect(started.at(-1)).toContain("late left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 11000 ms")
    await clock.advance(10_000)
    expect(started.at(-1)).toBe('slow at 10000')
  })

  it('is not begun at all where that is 0 [RATE-10]', async () => {
    const { started, ask } = await setUp(REQUESTS, { maxRateLimitWaitMs: 0 })
    await ask('a')
    await ask('b')
    await ask('c')
    expect(started).toEqual(['a at 0', 'b at 0', expect.stringContaining('c left: RateLimitExceededError')])
  })

  it('is at most five minutes, unless it is told otherwise [RATE-10]', async () => {
    const { ask, started, clock } = await setUp({ name: 'api', requests: { capacity: 1, refillPerSecond: 1 / 300 } })
    await ask('a')
    void ask('b')
    await ask('c')
    expect(started.at(-1)).toContain("c left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 600000 ms")
    await clock.advance(300_000)
    expect(started.at(-1)).toBe('b at 300000')
  })

  it('ends with an error when a debt makes it too long [RATE-10]', async () => {
    const { session, clock, started, ask, sessionFacts } = await setUp(OUTPUT, { maxRateLimitWaitMs: 5_000 })
    const reply = deferred<string>()
    const running = session.runTurn(() => reply.promise, {
      estimate: { outputTokens: 90 },
      usage: { outputTokens: 200 },
    })
    await settle()
    void ask('waiting', estimate(50))
    await clock.advance(1_000)
    reply.resolve('longer than anybody thought')
    await running
    await settle()
    expect(started).toEqual([
      expect.stringContaining("waiting left: RateLimitExceededError: rate limit exceeded: 'output_tpm'"),
    ])
    expect(sessionFacts().at(-1)).toBe('turns/refused')
    expect(clock.pendingTimers).toBe(0)
  })

  it('that is given up leaves its place to the next, and takes nothing [RATE-11]', async () => {
    const { session, clock, started, ask, charges } = await setUp(OUTPUT)
    await ask('first', estimate(100))
    const stop = new AbortController()
    const model = vi.fn()
    const large = rejection(session.runTurn(model, { ...estimate(90), signal: stop.signal }))
    void ask('small', estimate(10))
    await clock.advance(1_500)
    stop.abort('no time')
    expect(await large).toBe('no time')
    await settle()
    expect(started).toEqual(['first at 0', 'small at 1500'])
    expect(model).not.toHaveBeenCalled()
    expect(charges()).toEqual([{ output_tpm: 100 }, { output_tpm: 10 }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('from the middle of the line leaves those in front and behind in theirs [RATE-11]', async () => {
    const { clock, started, ask } = await setUp(REQUESTS)
    const stop = new AbortController()
    for (const who of ['a', 'b', 'c']) void ask(who)
    void ask('d', { signal: stop.signal })
    void ask('e')
    await settle()
    stop.abort('enough')
    await clock.advance(2_000)
    expect(started).toEqual(['a at 0', 'b at 0', 'd left: enough', 'c at 1000', 'e at 2000'])
  })

  it('ends with the session, for all of its calls, and takes nothing [RATE-11]', async () => {
    const { session, clock, ask, started, level } = await setUp(OUTPUT)
    await ask('first', estimate(100))
    void ask('large', estimate(90))
    void ask('small', estimate(1))
    await clock.advance(2_000)
    await session.cancel()
    await settle()
    expect(started).toEqual(['first at 0', expect.stringContaining('left'), expect.stringContaining('left')])
    expect(level()).toBe(20)
    expect(session.summary().turns).toMatchObject({ started: 1, cancelled: 0 })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('what a call used', () => {
  it('beyond its estimate is charged, and what it did not use is given back [RATE-12]', async () => {
    const { session, charges, sessionFacts } = await setUp({
      name: 'api',
      inputTokens: { capacity: 1_000, refillPerSecond: 1 },
      outputTokens: { capacity: 1_000, refillPerSecond: 1 },
    })
    await session.runTurn(() => 'done', {
      estimate: { inputTokens: 100, outputTokens: 100 },
      usage: { inputTokens: 130, outputTokens: 40 },
    })
    expect(charges()).toEqual([
      { input_tpm: 100, output_tpm: 100 },
      { input_tpm: 30, output_tpm: -60 },
    ])
    expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'rateLimits/charged'])
  })

  it('is charged even when a hook then fails [RATE-12]', async () => {
    const hook = {
      name: 'broken',
      afterModel() {
        throw new Error('the hook is broken')
      },
    }
    const { session, charges } = await setUp(OUTPUT, { hooks: [hook] })
    await rejection(session.runTurn(() => 'done', { estimate: { outputTokens: 20 }, usage: { outputTokens: 30 } }))
    expect(charges()).toEqual([{ output_tpm: 20 }, { output_tpm: 10 }])
  })

  it('is what was estimated, when it answered and nobody says what it used [RATE-12]', async () => {
    const { session, charges } = await setUp(OUTPUT)
    await session.runTurn(() => 'done', { estimate: { outputTokens: 20 } })
    expect(charges()).toEqual([{ output_tpm: 20 }])
  })

  it.each(['fails', 'times out', 'is aborted', 'is left as a stream'])(
    'is settled when the call %s [RATE-12, RATE-14]',
    async (how) => {
      const { session, clock, charges } = await setUp(OUTPUT)
      const stop = new AbortController()
      const report = ({ reportUsage }: { reportUsage: (usage: object) => void }) => reportUsage({ outputTokens: 15 })
      const options = { estimate: { outputTokens: 50 } }
      if (how === 'is left as a stream') {
        const stream = session.runTurnStream(async function* (call) {
          report(call)
          yield 'first'
          yield 'second'
        }, options)
        for await (const event of stream) if (event.type === 'text_delta') break
      } else {
        const thunk = (call: Parameters<typeof report>[0]) => {
          report(call)
          if (how === 'fails') throw new Error('cut off')
          return new Promise(() => undefined)
        }
        const timeoutMs = how === 'times out' ? 100 : null
        const turn = rejection(session.runTurn(thunk, { ...options, timeoutMs, signal: stop.signal }))
        await clock.advance(100)
        stop.abort()
        await turn
      }
      expect(charges()).toEqual([{ output_tpm: 50 }, { output_tpm: -35 }])
    },
  )

  it.each<[string, Partial<OrchestratorOptions>]>([
    ['the caps', { maxIterations: 0 }],
    ['a hook', { hooks: [{ name: 'no', beforeModel: () => Promise.reject(new Error('no')) }] }],
    [
      'a guardrail',
      { guardrails: [{ name: 'no', stages: ['pre'], appliesTo: ['turn'], check: () => ({ allowed: false }) }] },
    ],
    ['a governance limit', { governance: [{ limit: 'max_iterations', value: 0, onBreach: 'terminate' }] }],
  ])('is nothing when %s refuses the call: all is given back [RATE-14]', async (_who, more) => {
    const { session, charges } = await setUp({ ...OUTPUT, requests: { capacity: 2, refillPerSecond: 1 } }, more)
    const model = vi.fn()
    await rejection(session.runTurn(model, { estimate: { outputTokens: 50 } }))
    expect(model).not.toHaveBeenCalled()
    expect(charges()).toEqual([
      { rpm: 1, output_tpm: 50 },
      { rpm: -1, output_tpm: -50 },
    ])
  })

  it('is nothing when the circuit breaker refuses the call [RATE-14]', async () => {
    const { runtime, session, level } = await setUp(OUTPUT, { circuitBreaker: { name: 'api', failureThreshold: 1 } })
    runtime.breaker('api').recordFailure()
    expect(await rejection(session.runTurn(() => 1, estimate(50)))).toMatchObject({ code: 'circuit_open' })
    expect(level()).toBe(100)
  })

  it('lets those who wait go earlier when it is less than the estimate [RATE-12]', async () => {
    const { session, clock, started, ask } = await setUp(OUTPUT)
    const reply = deferred<string>()
    const running = session.runTurn(() => reply.promise, {
      estimate: { outputTokens: 100 },
      usage: { outputTokens: 20 },
    })
    await settle()
    void ask('waiting', estimate(80))
    await clock.advance(500)
    expect(started).toEqual([])
    reply.resolve('short')
    await running
    await settle()
    expect(started).toEqual(['waiting at 500'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('changes the wait of the first in line, and not the number of timers [RATE-9, RATE-12]', async () => {
    const { session, clock, started, ask } = await setUp(OUTPUT)
    const reply = deferred<string>()
    const used = { estimate: { outputTokens: 100 }, usage: { outputTokens: 80 } }
    const running = session.runTurn(() => reply.promise, used)
    await settle()
    void ask('waiting', estimate(80))
    await clock.advance(1_000)
    reply.resolve('short')
    await running
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(5_000)
    expect(started).toEqual(['waiting at 6000'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('is taken once for each attempt of a recovery [RATE-14]', async () => {
    const { session, clock, charges } = await setUp(
      { ...REQUESTS, outputTokens: { capacity: 100, refillPerSecond: 10 } },
      { recovery: { mode: 'execute', backoff: { jitter: 'none' } } },
    )
    const turn = session.runTurn(scripted(httpError(504), 'done'), estimate(50))
    await clock.advance(2_000)
    await turn
    expect(charges()).toEqual([{ rpm: 1, output_tpm: 50 }, { output_tpm: -50 }, { rpm: 1, output_tpm: 50 }])
  })

  it('is nothing when a recovery does not call again after all [RATE-14]', async () => {
    const { session, clock, charges } = await setUp(
      { ...REQUESTS, outputTokens: { capacity: 1_000, refillPerSecond: 10 } },
      { recovery: { mode: 'execute', backoff: { jitter: 'none' } }, budgetUsd: 0.001, enforceBudget: true },
    )
    const error = httpError(504)
    const turn = session.runTurn(
      ({ reportUsage }) => {
        reportUsage({ outputTokens: 90 })
        throw error
      },
      { model: 'your-model', estimate: { outputTokens: 60 } },
    )
    const failing = rejection(turn)
    await clock.advance(2_000)
    expect(await failing).toBe(error)
    expect(charges()).toEqual([
      { rpm: 1, output_tpm: 60 },
      { output_tpm: 30 },
      { rpm: 1, output_tpm: 60 },
      { rpm: -1, output_tpm: -60 },
    ])
  })

  it('is waited for by a recovery too, which gives up when that takes too long [RETRY-9, RATE-10]', async () => {
    const slow = { name: 'api', requests: { capacity: 1, refillPerSecond: 0.1 } }
    const recovery = { mode: 'execute', backoff: { jitter: 'none' } } as const
    const patient = await setUp(slow, { recovery })
    const turn = patient.session.runTurn(scripted(httpError(504), 'done'))
    await patient.clock.advance(9_999)
    expect(patient.sessionFacts().at(-1)).toBe('recovery/attempted')
    await patient.clock.advance(1)
    expect((await turn).value).toBe('done')

    const hasty = await setUp(slow, { recovery, maxRateLimitWaitMs: 7_999 })
    const error = httpError(504)
    const failing = rejection(hasty.session.runTurn(scripted(error, 'not called')))
    await hasty.clock.advance(2_000)
    expect(await failing).toBe(error)
    expect(hasty.charges()).toEqual([{ rpm: 1 }])
  })
})

describe('a reply that is paid for', () => {
  const large = { usage: { outputTokens: 1_200 } }

  it('is returned and recorded though it is larger than the bucket [RATE-13]', async () => {
    const { session, level, sessionFacts } = await setUp(OUTPUT, { maxRateLimitWaitMs: 60_000 })
    expect(await session.runTurn(() => 'long', large)).toMatchObject({ value: 'long', usage: large.usage })
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed', 'rateLimits/charged'])
    expect(level()).toBe(-1_100)
    expect(await rejection(session.runTurn(() => 'next'))).toMatchObject({ bucket: 'output_tpm', waitMs: 110_000 })
  })

  it('waits until the debt is paid, so that the next call need not [RATE-13]', async () => {
    const { session, clock, started, ask } = await setUp(OUTPUT)
    const turn = session.runTurn(() => 'long', large).then(({ value }) => started.push(`${value} at ${clock.now()}`))
    await clock.advance(109_999)
    expect(started).toEqual([])
    await clock.advance(1)
    await turn
    await ask('next')
    expect(started).toEqual(['long at 111000', 'next at 110000'])
  })

  it('is not taken away by an abort while it waits [RATE-13]', async () => {
    const { session, clock } = await setUp(OUTPUT)
    const stop = new AbortController()
    const turn = session.runTurn(() => 'long', { ...large, signal: stop.signal })
    await clock.advance(1_000)
    stop.abort('too late')
    expect((await turn).value).toBe('long')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('any crowd at a rate limit', () => {
  const visitor = fc.record({
    estimated: fc.nat(150),
    used: fc.nat(150),
    afterMs: fc.nat(4_000),
    leavesAfterMs: fc.option(fc.nat(8_000), { nil: undefined }),
    outcome: fc.constantFrom('answers', 'fails', 'hangs'),
  })

  it('is served in order, leaves nothing behind, and replays [RATE-9, RATE-11]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(visitor, { maxLength: 12 }), async (visitors) => {
        const { runtime, session, clock } = await setUp(OUTPUT, { maxRateLimitWaitMs: 20_000, turnTimeoutMs: 3_000 })
        const served: number[] = []
        const turns = []
        for (const [index, { estimated, used, afterMs, leavesAfterMs, outcome }] of visitors.entries()) {
          await clock.advance(afterMs)
          const stop = new AbortController()
          if (leavesAfterMs !== undefined) clock.setTimeout(() => stop.abort(), leavesAfterMs)
          const thunk = () => {
            served.push(index)
            if (outcome === 'fails') throw new Error('cut off')
            return outcome === 'hangs' ? new Promise(() => undefined) : 'done'
          }
          const options = { estimate: { outputTokens: estimated }, usage: { outputTokens: used }, signal: stop.signal }
          turns.push(session.runTurn(thunk, options).catch(() => undefined))
        }
        await clock.advance(200_000)
        await Promise.all(turns)
        expect(served).toEqual([...served].sort((a, b) => a - b))
        expect(clock.pendingTimers).toBe(0)
        expect(replay(runtime.log.facts())).toStrictEqual(runtime.getState())
        const charged = payloadsOf(runtime.log, facts.rateLimitsCharged).map(({ tokens }) => tokens.output_tpm ?? 0)
        const spent = payloadsOf(runtime.log, facts.turnCompleted).map(({ usage }) => usage.outputTokens)
        expect(sum(charged)).toBe(sum(spent))
      }),
      { numRuns: 60 },
    )
  })
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
