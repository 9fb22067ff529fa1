import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  admission,
  begin,
  breakerStateAt,
  createBreaker,
  defaultBreakerSettings,
  finish,
  record,
  reset,
  type Admission,
  type Breaker,
  type BreakerOutcome,
} from '../../slices/rules/breaker.js'

const settings = { ...defaultBreakerSettings, failureThreshold: 2, recoveryTimeoutMs: 100, probeTimeoutMs: 1_000 }

function admit(breaker: Breaker, callId: string, at: number): { breaker: Breaker; admitted: Admission } {
  const admitted = admission(breaker, at)
  if (!admitted) throw new Error('not admitted')
  return { breaker: begin(breaker, admitted, callId, at), admitted }
}

function opened(): Breaker {
  const closed = createBreaker('api', settings)
  return record(record(closed, 'failure', 0), 'failure', 0)
}

describe('a circuit breaker', () => {
  it('opens after the threshold of failures in a row [CB-3]', () => {
    const once = record(createBreaker('api', settings), 'failure', 5)
    expect(once.state).toBe('closed')
    const twice = record(record(once, 'success', 6), 'failure', 7)
    expect(twice.state).toBe('closed')
    expect(record(twice, 'failure', 8)).toMatchObject({ state: 'open', failures: 2, lastFailureAt: 8 })
  })

  it('lets one probe through when its time is up, and closes when it succeeds [CB-4, CB-5]', () => {
    const open = opened()
    expect(admission(open, 99)).toBeUndefined()
    expect(breakerStateAt(open, 100)).toBe('half_open')
    const probing = admit(open, 'a', 100)
    expect(probing.admitted.probe).toBe(true)
    expect(admission(probing.breaker, 100)).toBeUndefined()
    expect(finish(probing.breaker, probing.admitted, 'a', 'success', 110)).toMatchObject({
      state: 'closed',
      failures: 0,
    })
  })

  it('opens again when a probe fails [CB-5]', () => {
    const probing = admit(opened(), 'a', 100)
    const failed = finish(probing.breaker, probing.admitted, 'a', 'failure', 120)
    expect(failed).toMatchObject({ state: 'open', lastFailureAt: 120, probes: [] })
    expect(admission(failed, 219)).toBeUndefined()
  })

  it('ignores how a probe ends that has given its slot up, even when no other came in between [CB-8]', () => {
    const hung = admit(opened(), 'a', 100)
    expect(finish(hung.breaker, hung.admitted, 'a', 'failure', 1_100)).toMatchObject({
      state: 'half_open',
      failures: 2,
    })
    const wide = { ...opened(), halfOpenMaxProbes: 2 }
    const first = admit(wide, 'a', 100)
    const second = admit(first.breaker, 'b', 900)
    expect(finish(second.breaker, second.admitted, 'b', 'success', 1_200)).toMatchObject({ state: 'closed' })
  })

  it('frees the slot of an aborted probe without counting it [CB-6]', () => {
    const probing = admit(opened(), 'a', 100)
    const released = finish(probing.breaker, probing.admitted, 'a', 'released', 120)
    expect(released).toMatchObject({ state: 'half_open', failures: 2, probes: [] })
    expect(admission(released, 120)?.probe).toBe(true)
  })

  it('is not closed by a probe of an earlier half-open period [CB-7]', () => {
    const two = { ...opened(), halfOpenMaxProbes: 2 }
    const first = admit(two, 'a', 100)
    const second = admit(first.breaker, 'b', 101)
    const open = finish(second.breaker, first.admitted, 'a', 'failure', 102)
    const third = admit(open, 'c', 202)
    expect(finish(third.breaker, second.admitted, 'b', 'success', 203)).toBe(third.breaker)
  })

  it('does not stay open longer for the late failure of a call admitted before it opened [CB-7]', () => {
    const slow = admit(createBreaker('api', settings), 'slow', 0)
    const open = record(record(slow.breaker, 'failure', 10), 'failure', 10)
    expect(finish(open, slow.admitted, 'slow', 'failure', 90)).toBe(open)
    expect(breakerStateAt(open, 110)).toBe('half_open')
  })

  it('takes the slot of a probe that hangs, and ignores what that probe still says [CB-8]', () => {
    const hung = admit(opened(), 'hung', 100)
    expect(admission(hung.breaker, 1_099)).toBeUndefined()
    const next = admit(hung.breaker, 'next', 1_100)
    expect(next.breaker.probes.map((probe) => probe.callId)).toEqual(['next'])
    expect(finish(next.breaker, hung.admitted, 'hung', 'failure', 1_101)).toBe(next.breaker)
    expect(finish(next.breaker, next.admitted, 'next', 'success', 1_102).state).toBe('closed')
  })

  it('closes on reset, and ignores what was in flight [CB-11]', () => {
    const probing = admit(opened(), 'a', 100)
    const closed = reset(probing.breaker)
    expect(closed).toMatchObject({ state: 'closed', failures: 0, lastFailureAt: null })
    expect(finish(closed, probing.admitted, 'a', 'failure', 130)).toBe(closed)
  })

  it('keeps its invariants through any sequence of calls, outcomes, resets and pauses [CB-2]', () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('begin' as const) }),
      fc.record({
        op: fc.constant('finish' as const),
        call: fc.nat(20),
        outcome: fc.constantFrom<BreakerOutcome>('success', 'failure', 'released'),
      }),
      fc.record({ op: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 100, 1_000) }),
      fc.record({ op: fc.constantFrom('reset' as const, 'succeeded' as const, 'failed' as const) }),
    )
    const config = fc.record({
      failureThreshold: fc.integer({ min: 1, max: 3 }),
      halfOpenMaxProbes: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(config, fc.array(step, { maxLength: 60 }), (given, steps) => {
        let breaker = createBreaker('api', { ...settings, ...given })
        let now = 0
        const calls: { readonly id: string; readonly admitted: Admission }[] = []
        for (const action of steps) {
          const before = breaker
          if (action.op === 'begin') {
            const admitted = admission(breaker, now)
            expect(admitted === undefined || breakerStateAt(breaker, now) !== 'open').toBe(true)
            if (admitted) {
              const id = `call-${calls.length}`
              breaker = begin(breaker, admitted, id, now)
              calls.push({ id, admitted })
            }
          } else if (action.op === 'finish') {
            const call = calls[action.call]
            if (call) breaker = finish(breaker, call.admitted, call.id, action.outcome, now)
            if (call && call.admitted.generation !== before.generation) expect(breaker).toBe(before)
          } else if (action.op === 'wait') now += action.ms
          else if (action.op === 'reset') breaker = reset(breaker)
          else breaker = record(breaker, action.op === 'failed' ? 'failure' : 'success', now)

          expect(breaker.generation).toBeGreaterThanOrEqual(before.generation)
          if (breaker.state !== before.state) expect(breaker.generation).toBeGreaterThan(before.generation)
          expect(breaker.probes.length).toBeLessThanOrEqual(breaker.state === 'half_open' ? given.halfOpenMaxProbes : 0)
          if (breaker.state === 'closed') expect(breaker.failures).toBeLessThan(given.failureThreshold)
        }
      }),
    )
  })
})
