import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { facts, replay, type OrchestratorOptions } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { estimate, OUTPUT, REQUESTS, setUpRateLimit } from './support/rateLimits.js'
import { deferred, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

describe('what a call used', () => {
  it('beyond its estimate is charged, and what it did not use is given back [RATE-12]', async () => {
    const { session, charges, sessionFacts } = await setUpRateLimit({
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
    const { session, charges } = await setUpRateLimit(OUTPUT, { hooks: [hook] })
    await rejection(session.runTurn(() => 'done', { estimate: { outputTokens: 20 }, usage: { outputTokens: 30 } }))
    expect(charges()).toEqual([{ output_tpm: 20 }, { output_tpm: 10 }])
  })

  it('is what was estimated, when it answered and nobody says what it used [RATE-12]', async () => {
    const { session, charges } = await setUpRateLimit(OUTPUT)
    await session.runTurn(() => 'done', { estimate: { outputTokens: 20 } })
    expect(charges()).toEqual([{ output_tpm: 20 }])
  })

  it.each(['fails', 'times out', 'is aborted', 'is left as a stream'])(
    'is settled when the call %s [RATE-12, RATE-14]',
    async (how) => {
      const { session, clock, charges } = await setUpRateLimit(OUTPUT)
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
    const { session, charges } = await setUpRateLimit(
      { ...OUTPUT, requests: { capacity: 2, refillPerSecond: 1 } },
      more,
    )
    const model = vi.fn()
    await rejection(session.runTurn(model, { estimate: { outputTokens: 50 } }))
    expect(model).not.toHaveBeenCalled()
    expect(charges()).toEqual([
      { rpm: 1, output_tpm: 50 },
      { rpm: -1, output_tpm: -50 },
    ])
  })

  it('is nothing when the circuit breaker refuses the call [RATE-14]', async () => {
    const { runtime, session, level } = await setUpRateLimit(OUTPUT, {
      circuitBreaker: { name: 'api', failureThreshold: 1 },
    })
    runtime.breaker('api').recordFailure()
    expect(await rejection(session.runTurn(() => 1, estimate(50)))).toMatchObject({ code: 'circuit_open' })
    expect(level()).toBe(100)
  })

  it('lets those who wait go earlier when it is less than the estimate [RATE-12]', async () => {
    const { session, clock, started, ask } = await setUpRateLimit(OUTPUT)
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
    const { session, clock, started, ask } = await setUpRateLimit(OUTPUT)
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
    const { session, clock, charges } = await setUpRateLimit(
      { ...REQUESTS, outputTokens: { capacity: 100, refillPerSecond: 10 } },
      { recovery: { mode: 'execute', backoff: { jitter: 'none' } } },
    )
    const turn = session.runTurn(scripted(httpError(504), 'done'), estimate(50))
    await clock.advance(2_000)
    await turn
    expect(charges()).toEqual([{ rpm: 1, output_tpm: 50 }, { output_tpm: -50 }, { rpm: 1, output_tpm: 50 }])
  })

  it('is nothing when a recovery does not call again after all [RATE-14]', async () => {
    const { session, clock, charges } = await setUpRateLimit(
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
    const patient = await setUpRateLimit(slow, { recovery })
    const turn = patient.session.runTurn(scripted(httpError(504), 'done'))
    await patient.clock.advance(9_999)
    expect(patient.sessionFacts().at(-1)).toBe('recovery/attempted')
    await patient.clock.advance(1)
    expect((await turn).value).toBe('done')

    const hasty = await setUpRateLimit(slow, { recovery, maxRateLimitWaitMs: 7_999 })
    const error = httpError(504)
    const failing = rejection(hasty.session.runTurn(scripted(error, 'not called')))
    await hasty.clock.advance(2_000)
    expect(await failing).toBe(error)
    expect(hasty.charges()).toEqual([{ rpm: 1 }])
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
        const { runtime, session, clock } = await setUpRateLimit(OUTPUT, {
          maxRateLimitWaitMs: 20_000,
          turnTimeoutMs: 3_000,
        })
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
