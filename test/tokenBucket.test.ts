import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenBucket, InvalidArgumentError, type Clock } from '../src/index.js'
import { createManualClock, settle } from '../src/testing/index.js'
import { rejection } from './support/runtime.js'

function setUp(capacity = 10, refillPerSecond = 2) {
  const clock = createManualClock(1_000)
  const bucket = createTokenBucket({ name: 'api', capacity, refillPerSecond, clock })
  const served: string[] = []
  const ask = (who: string, tokens: number, signal?: AbortSignal) =>
    bucket.acquire(tokens, { signal }).then(
      () => void served.push(`${who} at ${clock.now() - 1_000}`),
      (error: unknown) => void served.push(`${who} left: ${String(error)}`),
    )
  return { clock, bucket, served, ask }
}

describe('a token bucket by itself', () => {
  it('gives at once what is there [RATE-5]', async () => {
    const { bucket, clock } = setUp()
    expect(bucket.tryAcquire()).toBe(true)
    await bucket.acquire()
    await bucket.acquire(7.5)
    expect(bucket.available()).toBe(0.5)
    expect(bucket.tryAcquire()).toBe(false)
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits by one timer of exactly the time that it takes [RATE-5]', async () => {
    const delays: number[] = []
    const { clock } = setUp()
    const counting: Clock = {
      ...clock,
      now: clock.now,
      setTimeout: (callback, delayMs) => {
        delays.push(delayMs)
        return clock.setTimeout(callback, delayMs)
      },
    }
    const bucket = createTokenBucket({ name: 'api', capacity: 10, refillPerSecond: 3, clock: counting })
    bucket.tryAcquire(10)
    const waiting = bucket.acquire(1)
    await clock.advance(1_000)
    await waiting
    expect(delays).toEqual([expect.closeTo(1_000 / 3, 9)])
    expect(clock.pendingTimers).toBe(0)
  })

  it('serves first come, first served: a small request does not overtake a large one [RATE-5]', async () => {
    const { clock, bucket, served, ask } = setUp()
    bucket.tryAcquire(10)
    void ask('large', 8)
    await clock.advance(1_000)
    void ask('small', 1)
    expect(bucket.available()).toBe(2)
    expect(bucket.tryAcquire(1)).toBe(false)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(10_000)
    expect(served).toEqual(['large at 4000', 'small at 4500'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives nothing to those who ask for nothing, whoever waits', async () => {
    const { clock, bucket, served, ask } = setUp()
    bucket.tryAcquire(10)
    void ask('waiting', 1)
    expect(bucket.tryAcquire(0)).toBe(true)
    await bucket.acquire(0, { timeoutMs: 0 })
    expect(served).toEqual([])
    await clock.advance(500)
    expect(served).toEqual(['waiting at 500'])
  })

  it('refuses at once what it never holds [RATE-6]', async () => {
    const { bucket } = setUp()
    const error = await rejection(bucket.acquire(11))
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', bucket: 'api', tokens: 11, waitMs: null })
    expect(bucket.available()).toBe(10)
  })

  it('refuses at once what takes longer than the caller has [RATE-6]', async () => {
    const { clock, bucket, served } = setUp()
    bucket.tryAcquire(10)
    expect(await rejection(bucket.acquire(1, { timeoutMs: 499 }))).toMatchObject({ tokens: 1, waitMs: 500 })
    expect(await rejection(bucket.acquire(1, { timeoutMs: 0 }))).toMatchObject({ waitMs: 500 })
    expect(clock.pendingTimers).toBe(0)
    void bucket.acquire(1, { timeoutMs: 500 }).then(() => served.push('in time'))
    await clock.advance(500)
    expect(served).toEqual(['in time'])
  })

  it('counts those in front into the time that it takes [RATE-6]', async () => {
    const { bucket, ask, clock, served } = setUp()
    bucket.tryAcquire(10)
    void ask('first', 9)
    void ask('second', 9)
    expect(await rejection(bucket.acquire(1, { timeoutMs: 9_000 }))).toMatchObject({ waitMs: 9_500 })
    void bucket.acquire(1, { timeoutMs: 9_500 }).then(() => served.push('third'))
    await clock.advance(9_500)
    expect(served).toEqual(['first at 4500', 'second at 9000', 'third'])
  })

  it('lets the queue move on when somebody gives up [RATE-6]', async () => {
    const { clock, bucket, served, ask } = setUp()
    const first = new AbortController()
    const middle = new AbortController()
    bucket.tryAcquire(10)
    void ask('first', 9, first.signal)
    void ask('middle', 9, middle.signal)
    void ask('last', 1)
    await clock.advance(400)
    middle.abort('no time')
    first.abort('no money')
    await settle()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(100)
    expect(served).toEqual(['middle left: no time', 'first left: no money', 'last at 500'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives the tokens that are there to the next when the first gives up', async () => {
    const { clock, bucket, served, ask } = setUp()
    const first = new AbortController()
    bucket.tryAcquire(10)
    void ask('first', 9, first.signal)
    void ask('next', 1)
    await clock.advance(2_000)
    first.abort('late')
    await settle()
    expect(served).toEqual(['first left: late', 'next at 2000'])
    expect(bucket.available()).toBe(3)
  })

  it('gives nothing to a second one who is leaving with the same signal', async () => {
    const { clock, bucket, served, ask } = setUp()
    const both = new AbortController()
    bucket.tryAcquire(10)
    void ask('first', 9, both.signal)
    void ask('second', 1, both.signal)
    await clock.advance(2_000)
    both.abort('stop')
    await settle()
    expect(served).toEqual(['first left: stop', 'second left: stop'])
    expect(bucket.available()).toBe(4)
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes nothing for a signal that was aborted before', async () => {
    const { bucket } = setUp()
    const reason = new Error('over')
    expect(await rejection(bucket.acquire(1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(bucket.available()).toBe(10)
  })

  it('leaves no listener behind, however the wait ends', async () => {
    const { clock, bucket, ask } = setUp()
    const { signal, abort, listeners } = countingSignal()
    bucket.tryAcquire(10)
    void ask('served', 1, signal)
    expect(listeners()).toBe(1)
    await clock.advance(500)
    expect(listeners()).toBe(0)
    void ask('left', 1, signal)
    expect(listeners()).toBe(1)
    abort()
    expect(listeners()).toBe(0)
  })

  it('waits on when a timer fires early', async () => {
    let now = 0
    const timers: (() => void)[] = []
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback) => timers.push(callback),
      clearTimeout: () => undefined,
    }
    const bucket = createTokenBucket({ name: 'api', capacity: 1, refillPerSecond: 1, clock })
    bucket.tryAcquire()
    let served = false
    void bucket.acquire().then(() => (served = true))
    now = 999
    timers.shift()?.()
    await settle()
    expect(served).toBe(false)
    now = 1_000
    timers.shift()?.()
    await settle()
    expect(served).toBe(true)
    expect(timers).toEqual([])
  })

  it('never sets a timer that is longer than timers can be', async () => {
    const { clock, bucket, served, ask } = setUp(10, 1e-9)
    bucket.tryAcquire(10)
    void ask('patient', 0.01)
    await clock.advance(2 ** 31 - 1)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1e10)
    expect(served).toEqual([expect.stringMatching(/^patient at 1000000000\d/)])
  })

  it('runs on real time by default', () => {
    const bucket = createTokenBucket({ name: 'api', capacity: 1, refillPerSecond: 1e-9 })
    expect([bucket.tryAcquire(), bucket.tryAcquire()]).toEqual([true, false])
  })

  it.each<[string, unknown[]]>([
    ['tokens', [-1]],
    ['tokens', [NaN]],
    ['timeoutMs', [1, { timeoutMs: -1 }]],
    ['timeoutMs', [1, { timeoutMs: NaN }]],
  ])('names %s when that is not usable', async (field, given) => {
    const { bucket } = setUp()
    expect(await rejection(bucket.acquire(...(given as [number])))).toMatchObject({ code: 'invalid_argument', field })
  })

  it('is not created with settings that are not usable [RATE-1]', () => {
    expect(() => createTokenBucket({ name: '', capacity: 1, refillPerSecond: 1 })).toThrow(InvalidArgumentError)
    expect(() => setUp(0)).toThrow('capacity must be a finite number above 0, got 0')
  })
})

describe('any crowd at a token bucket', () => {
  const visitor = fc.record({
    tokens: fc.integer({ min: 1, max: 10 }),
    afterMs: fc.nat(3_000),
    leavesAfterMs: fc.option(fc.nat(5_000), { nil: undefined }),
  })

  it('is served in the order in which it came, and never faster than the bucket fills', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(visitor, { maxLength: 15 }), async (visitors) => {
        const { clock, bucket } = setUp()
        const served: number[] = []
        const left: number[] = []
        const tooMuch: number[] = []
        let taken = 0
        for (const [index, { tokens, afterMs, leavesAfterMs }] of visitors.entries()) {
          await clock.advance(afterMs)
          const controller = new AbortController()
          if (leavesAfterMs !== undefined) clock.setTimeout(() => controller.abort(), leavesAfterMs)
          void bucket.acquire(tokens, { signal: controller.signal }).then(
            () => {
              served.push(index)
              taken += tokens
              if (taken > 10 + (clock.now() - 1_000) * 0.002 + 1e-9) tooMuch.push(index)
            },
            () => left.push(index),
          )
        }
        await clock.advance(1_000_000)
        expect(served).toEqual([...served].sort((a, b) => a - b))
        expect([...served, ...left].sort((a, b) => a - b)).toEqual([...visitors.keys()])
        expect(tooMuch).toEqual([])
        expect(clock.pendingTimers).toBe(0)
        expect(bucket.available()).toBe(10)
      }),
      { numRuns: 50 },
    )
  })
})

function countingSignal() {
  const controller = new AbortController()
  const { signal } = controller
  let count = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...given: unknown[]) => {
    count += 1
    addEventListener.apply(signal, given as never)
  }
  signal.removeEventListener = (...given: unknown[]) => {
    count -= 1
    removeEventListener.apply(signal, given as never)
  }
  return { signal, abort: () => controller.abort(), listeners: () => count }
}
