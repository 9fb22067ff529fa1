import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, RateLimitExceededError, requestCharges, usageCharges } from '../../src/index.js'
import {
  assertBucket,
  available,
  createBucket,
  take,
  tryTake,
  waitMs,
  type TokenBucket,
} from '../../slices/rules/tokenBucket.js'

const settings = { capacity: 10, refillPerSecond: 2 }

function emptied(at = 0): TokenBucket {
  return take(createBucket(settings, at), 10, at)
}

describe('a token bucket', () => {
  it('is full at first, and data that JSON keeps [RATE-1]', () => {
    const bucket = createBucket({ ...settings, name: 'rpm' } as typeof settings, 5)
    expect(bucket).toEqual({ capacity: 10, refillPerSecond: 2, tokens: 10, updatedAt: 5 })
    expect(JSON.parse(JSON.stringify(bucket))).toEqual(bucket)
  })

  it('fills evenly, up to its capacity [RATE-2]', () => {
    const bucket = emptied()
    expect([0, 250, 1_000, 5_000, 60_000].map((now) => available(bucket, now))).toEqual([0, 0.5, 2, 10, 10])
  })

  it('gives what is there and nothing else', () => {
    const bucket = take(createBucket(settings, 0), 7, 0)
    expect(tryTake(bucket, 3, 0)).toMatchObject({ tokens: 0 })
    expect(tryTake(bucket, 3.5, 0)).toBeUndefined()
    expect(tryTake(bucket, 3.5, 250)).toMatchObject({ tokens: 0, updatedAt: 250 })
    expect(tryTake(bucket, 11, 60_000)).toBeUndefined()
  })

  it('may go into debt, which the refill pays first [RATE-3]', () => {
    const indebted = take(emptied(), 4, 0)
    expect(indebted.tokens).toBe(-4)
    expect(available(indebted, 1_000)).toBe(-2)
    expect(tryTake(indebted, 1, 2_000)).toBeUndefined()
    expect(waitMs(indebted, 1, 1_000)).toBe(1_500)
    expect(tryTake(indebted, 1, 2_500)).toMatchObject({ tokens: 0 })
  })

  it('always gives nothing to those who ask for nothing, and tells them when it is out of debt [RATE-3]', () => {
    const indebted = take(emptied(), 4, 0)
    expect(tryTake(indebted, 0, 0)).toEqual(indebted)
    expect(waitMs(indebted, 0, 0)).toBe(2_000)
  })

  it('says how long the tokens take, and that more than the capacity never come [RATE-4]', () => {
    expect(waitMs(createBucket(settings, 0), 10, 0)).toBe(0)
    expect(waitMs(emptied(), 3, 0)).toBe(1_500)
    expect(waitMs(emptied(), 3, 1_000)).toBe(500)
    expect(waitMs(emptied(), 10.01, 0)).toBe(Infinity)
  })

  it('ignores time that goes back [RATE-2]', () => {
    const bucket = emptied(10_000)
    expect(available(bucket, 4_000)).toBe(0)
    expect(take(bucket, 1, 4_000)).toMatchObject({ tokens: -1, updatedAt: 10_000 })
    expect(waitMs(bucket, 1, 9_000)).toBe(1_500)
  })

  it.each([-1, NaN, Infinity])('refuses to count %d tokens [RATE-4]', (tokens) => {
    const bucket = createBucket(settings, 0)
    for (const count of [take, tryTake, waitMs]) expect(() => count(bucket, tokens, 0)).toThrow(InvalidArgumentError)
  })

  it.each<[string, object]>([
    ['name', { name: ' ' }],
    ['name', { name: 7 }],
    ['capacity', { capacity: 0 }],
    ['capacity', { capacity: '5' }],
    ['refillPerSecond', { refillPerSecond: -1 }],
    ['refillPerSecond', { refillPerSecond: Infinity }],
  ])('names %s when that is not usable', (field, bad) => {
    expect(() => assertBucket({ name: 'rpm', ...settings, ...bad })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})

const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true })
const instant = fc.oneof(fc.constant(0), fc.nat(1e6), fc.double({ min: 1.7e12, max: 1.8e12, noNaN: true }))
const operation = fc.record({ part: fc.double({ min: 0, max: 3, noNaN: true }), afterMs: fc.integer({ max: 1e6 }) })

describe('any token bucket', () => {
  const history = fc.record({
    capacity: positive,
    refillPerSecond: positive,
    start: instant,
    operations: fc.array(operation, { maxLength: 20 }),
  })

  /** Takes parts of the capacity, at times that may go back. */
  function live({
    capacity,
    refillPerSecond,
    start,
    operations,
  }: typeof history extends fc.Arbitrary<infer T> ? T : never) {
    let now = start
    const buckets = [createBucket({ capacity, refillPerSecond }, now)]
    for (const { part, afterMs } of operations) {
      now += afterMs
      buckets.push(take(buckets.at(-1)!, part * capacity, now))
    }
    return { buckets, bucket: buckets.at(-1)!, now }
  }

  it('never holds more than its capacity', () => {
    fc.assert(
      fc.property(history, fc.nat(1e9), (given, laterMs) => {
        const { buckets, now } = live(given)
        for (const bucket of buckets) {
          expect(bucket.tokens).toBeLessThanOrEqual(given.capacity)
          expect(available(bucket, now + laterMs)).toBeLessThanOrEqual(given.capacity)
        }
      }),
    )
  })

  it('has the tokens after exactly the time it says [RATE-4]', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
        const { bucket, now } = live(given)
        const tokens = part * given.capacity
        expect(tryTake(bucket, tokens, now + waitMs(bucket, tokens, now))).toBeDefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('does not have them long before', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 1e-3, max: 1, noNaN: true }), (given, part) => {
        const { bucket, now } = live(given)
        const tokens = part * given.capacity
        const wait = waitMs(bucket, tokens, now)
        // What the doubles of a date in milliseconds can tell apart.
        fc.pre(wait > 1)
        expect(tryTake(bucket, tokens, now + wait * 0.99)).toBeUndefined()
      }),
    )
  })

  it('gives in the long run what flows in, and what it held at first', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ tokens: fc.nat(12), afterMs: fc.nat(2_000) })), (requests) => {
        let bucket = createBucket(settings, 0)
        let now = 0
        let given = 0
        for (const { tokens, afterMs } of requests) {
          now += afterMs
          const taken = tryTake(bucket, tokens, now)
          if (taken) given += tokens
          bucket = taken ?? bucket
          expect(given).toBeLessThanOrEqual(10 + now * 0.002 + 1e-9)
        }
      }),
    )
  })
})

describe('what a model call is charged', () => {
  it('is one request before it, and its tokens after it, input first [RATE-15]', () => {
    expect(requestCharges).toEqual([{ bucket: 'rpm', tokens: 1 }])
    expect(usageCharges({ inputTokens: 5, outputTokens: 7 })).toEqual([
      { bucket: 'input_tpm', tokens: 5 },
      { bucket: 'output_tpm', tokens: 7 },
    ])
  })

  it('leaves out what was not used [RATE-15]', () => {
    expect(usageCharges({ inputTokens: 0, outputTokens: 7 })).toEqual([{ bucket: 'output_tpm', tokens: 7 }])
    expect(usageCharges({ inputTokens: 0, outputTokens: 0 })).toEqual([])
  })
})

describe('an exceeded rate limit', () => {
  it('says which bucket, how many tokens, and when they would be there', () => {
    const error = new RateLimitExceededError('rpm', 2, 499.5)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', bucket: 'rpm', tokens: 2, waitMs: 499.5 })
    expect(error.message).toBe("rate limit exceeded: 'rpm' has 2 in 500 ms at the earliest")
    expect(new RateLimitExceededError('rpm', 99, null).message).toBe("rate limit exceeded: 'rpm' never has 99")
  })
})
