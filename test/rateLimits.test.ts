import { describe, expect, it, vi } from 'vitest'
import {
  AlreadyRegisteredError,
  facts,
  NotFoundError,
  RateLimitExceededError,
  type Clock,
  type RateLimitOptions,
} from '../src/index.js'
import { createManualClock, settle } from '../src/testing/index.js'
import { estimate, OUTPUT, REQUESTS, setUpRateLimit } from './support/rateLimits.js'
import { createTestRuntime, deferred, rejection } from './support/runtime.js'
import { payloadsOf } from './support/scripted.js'

describe('a rate limit', () => {
  it('takes a request and the tokens of the estimate before the call, all at once [RATE-8]', async () => {
    const { session, charges, runtime, sessionFacts } = await setUpRateLimit({
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
    const { session, charges } = await setUpRateLimit(OUTPUT)
    await session.runTurn(() => 'done', { usage: { inputTokens: 5_000 } })
    expect(charges()).toEqual([])
  })

  it('lets calls wait on the clock of the runtime, each its exact time [RATE-9]', async () => {
    const { clock, started, ask } = await setUpRateLimit(REQUESTS)
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
    const { ask } = await setUpRateLimit(REQUESTS, {}, counting)
    const turns = ['a', 'b', 'c', 'd', 'e'].map((who) => ask(who))
    await settle()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(3_000)
    await Promise.all(turns)
    expect(delays).toEqual([1_000, 1_000, 1_000])
    expect(clock.pendingTimers).toBe(0)
  })

  it('serves in the order of asking: a small call does not overtake a large one [RATE-9]', async () => {
    const { clock, started, ask } = await setUpRateLimit(OUTPUT)
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
    const { clock, started, ask, level } = await setUpRateLimit(OUTPUT)
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
    const { runtime, clock, started, ask } = await setUpRateLimit(REQUESTS)
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
    const { runtime } = await setUpRateLimit(REQUESTS)
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
    const { session, ask, charges, clock, sessionFacts } = await setUpRateLimit(REQUESTS, { maxRateLimitWaitMs: 999 })
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
    const { clock, started, ask } = await setUpRateLimit(REQUESTS, { maxRateLimitWaitMs: 3_000 })
    for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) void ask(who)
    await settle()
    expect(started.at(-1)).toContain("f left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 4000 ms")
    await clock.advance(3_000)
    expect(started.at(-1)).toBe('e at 3000')
  })

  it('counts what flows over in one bucket while those in front wait for another [RATE-10]', async () => {
    const both = { ...OUTPUT, requests: { capacity: 1, refillPerSecond: 1 } }
    const { clock, started, ask } = await setUpRateLimit(both, { maxRateLimitWaitMs: 10_500 })
    await ask('first', estimate(100))
    void ask('slow', estimate(100))
    void ask('late', estimate(0))
    await settle()
    expect(started.at(-1)).toContain("late left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 11000 ms")
    await clock.advance(10_000)
    expect(started.at(-1)).toBe('slow at 10000')
  })

  it('is not begun at all where that is 0 [RATE-10]', async () => {
    const { started, ask } = await setUpRateLimit(REQUESTS, { maxRateLimitWaitMs: 0 })
    await ask('a')
    await ask('b')
    await ask('c')
    expect(started).toEqual(['a at 0', 'b at 0', expect.stringContaining('c left: RateLimitExceededError')])
  })

  it('is at most five minutes, unless it is told otherwise [RATE-10]', async () => {
    const { ask, started, clock } = await setUpRateLimit({
      name: 'api',
      requests: { capacity: 1, refillPerSecond: 1 / 300 },
    })
    await ask('a')
    void ask('b')
    await ask('c')
    expect(started.at(-1)).toContain("c left: RateLimitExceededError: rate limit exceeded: 'rpm' has 1 in 600000 ms")
    await clock.advance(300_000)
    expect(started.at(-1)).toBe('b at 300000')
  })

  it('ends with an error when a debt makes it too long [RATE-10]', async () => {
    const { session, clock, started, ask, sessionFacts } = await setUpRateLimit(OUTPUT, { maxRateLimitWaitMs: 5_000 })
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
    const { session, clock, started, ask, charges } = await setUpRateLimit(OUTPUT)
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
    const { clock, started, ask } = await setUpRateLimit(REQUESTS)
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
    const { session, clock, ask, started, level } = await setUpRateLimit(OUTPUT)
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

describe('a reply that is paid for', () => {
  const large = { usage: { outputTokens: 1_200 } }

  it('is returned and recorded though it is larger than the bucket [RATE-13]', async () => {
    const { session, level, sessionFacts } = await setUpRateLimit(OUTPUT, { maxRateLimitWaitMs: 60_000 })
    expect(await session.runTurn(() => 'long', large)).toMatchObject({ value: 'long', usage: large.usage })
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed', 'rateLimits/charged'])
    expect(level()).toBe(-1_100)
    expect(await rejection(session.runTurn(() => 'next'))).toMatchObject({ bucket: 'output_tpm', waitMs: 110_000 })
  })

  it('waits until the debt is paid, so that the next call need not [RATE-13]', async () => {
    const { session, clock, started, ask } = await setUpRateLimit(OUTPUT)
    const turn = session.runTurn(() => 'long', large).then(({ value }) => started.push(`${value} at ${clock.now()}`))
    await clock.advance(109_999)
    expect(started).toEqual([])
    await clock.advance(1)
    await turn
    await ask('next')
    expect(started).toEqual(['long at 111000', 'next at 110000'])
  })

  it('is not taken away by an abort while it waits [RATE-13]', async () => {
    const { session, clock } = await setUpRateLimit(OUTPUT)
    const stop = new AbortController()
    const turn = session.runTurn(() => 'long', { ...large, signal: stop.signal })
    await clock.advance(1_000)
    stop.abort('too late')
    expect((await turn).value).toBe('long')
    expect(clock.pendingTimers).toBe(0)
  })
})
