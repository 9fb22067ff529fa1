import { describe, expect, it, vi } from 'vitest'
import { facts, type AgentSession } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { hostileErrors } from './support/hostile.js'
import { DRAFT } from './support/runtime.js'
import {
  expectNoUnhandledRejections,
  openSession,
  payloadsOf,
  readAll,
  textDelta,
  upstream,
} from './support/streams.js'

expectNoUnhandledRejections()

function failure(errorType: unknown, message: unknown) {
  return [
    { type: 'error', errorType, message },
    { type: 'final', status: 'failed', detail: errorType },
  ]
}

describe('a model that fails in a stream', () => {
  it('is told of before its very error is thrown [STRM-5]', async () => {
    const { session, sessionFacts, runtime } = await openSession()
    const error = Object.freeze(Object.assign(new TypeError('cut off'), { status: 503 }))
    const { events, error: thrown } = await readAll(session.runTurnStream(upstream(['a'], error).open))
    expect(events).toEqual([textDelta('a'), ...failure('TypeError', 'cut off')])
    expect(thrown).toBe(error)
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/failed', 'recovery/attempted'])
    expect(payloadsOf(runtime, facts.turnFailed)).toMatchObject([
      { error: { name: 'TypeError' }, scenario: 'provider_failure' },
    ])
  })

  it('before it streams is the same', async () => {
    const { session } = await openSession()
    const error = new Error('no such model')
    const raise = (): never => {
      throw error
    }
    for (const thunk of [raise, async () => raise()]) {
      const { events, error: thrown } = await readAll(session.runTurnStream(thunk))
      expect(events).toEqual(failure('Error', 'no such model'))
      expect(thrown).toBe(error)
    }
  })

  it('by a timeout of its own is not taken for one of the runtime', async () => {
    const { session } = await openSession()
    const own = new DOMException('the socket is slow', 'TimeoutError')
    const { events, error } = await readAll(session.runTurnStream(upstream([], own).open, { timeoutMs: 30_000 }))
    expect(events).toEqual(failure('TimeoutError', 'the socket is slow'))
    expect(error).toBe(own)
  })

  it.each(hostileErrors)('with %s is told of all the same', async (_, error) => {
    const { session } = await openSession()
    const throwing = { next: () => Promise.reject(error) }
    const { events, error: thrown } = await readAll(
      session.runTurnStream(() => ({ [Symbol.asyncIterator]: () => throwing })),
    )
    expect(events).toMatchObject(failure(expect.any(String), expect.any(String)))
    expect(thrown).toBe(error)
  })

  it('three times opens the circuit breaker, and a stream that it refuses calls nothing [STRM-1, STRM-5]', async () => {
    const { session, runtime } = await openSession({ circuitBreaker: { name: 'api', failureThreshold: 3 } })
    const down = upstream(['a'], new Error('down'))
    for (let turn = 0; turn < 3; turn += 1) await readAll(session.runTurnStream(down.open))
    expect(runtime.select.breaker('api').state).toBe('open')
    const { events, error } = await readAll(session.runTurnStream(down.open))
    expect(error).toMatchObject({ code: 'circuit_open' })
    expect(events).toEqual([])
    expect(down.calls).toHaveLength(3)
    expect(session.summary().turns).toMatchObject({ failed: 3, refused: 1 })
  })

  it('once too often is a breach of governance, which is just thrown [STRM-5]', async () => {
    const { session } = await openSession({ governance: [{ limit: 'max_consecutive_failures', value: 0 }] })
    const cut = new Error('cut')
    const { events, error } = await readAll(session.runTurnStream(upstream(['a'], cut).open))
    expect(events).toEqual([textDelta('a')])
    expect(error).toMatchObject({ code: 'governance_breach', cause: cut })
  })
})

describe('an abort of a stream', () => {
  it('by the signal of its caller throws the reason and tells nothing [STRM-5]', async () => {
    const { session, runtime, clock } = await openSession()
    const controller = new AbortController()
    const model = upstream(['a'], 'hang')
    const read = readAll(session.runTurnStream(model.open, { signal: controller.signal, timeoutMs: 50 }))
    await settle()
    const reason = new Error('the tab was closed')
    controller.abort(reason)
    expect(await read).toEqual({ events: [textDelta('a')], error: reason })
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abort' }])
    expect(model.calls).toMatchObject([{ closed: 1, signal: { reason } }])
    expect(clock.pendingTimers).toBe(0)
  })

  it.each(hostileErrors)('for %s throws just that', async (_, reason) => {
    const { session, runtime } = await openSession()
    const controller = new AbortController()
    const read = readAll(session.runTurnStream(upstream(['a'], 'hang').open, { signal: controller.signal }))
    await settle()
    controller.abort(reason)
    const { error } = await read
    expect(error === reason).toBe(true)
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abort' }])
  })

  it('before it begins calls nothing', async () => {
    const { session, sessionFacts } = await openSession()
    const model = upstream(['a'])
    const reason = new Error('never mind')
    const read = await readAll(session.runTurnStream(model.open, { signal: AbortSignal.abort(reason) }))
    expect(read).toEqual({ events: [], error: reason })
    expect(model.calls).toEqual([])
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['cancelled', (session: AgentSession) => session.cancel(), 'cancelled'],
    ['failed', (session: AgentSession) => session.fail('enough'), 'session_ended'],
  ])('comes with its session being %s, between two events or while one is waited for', async (_, end, code) => {
    const { session, runtime } = await openSession()
    const between = session.runTurnStream(upstream(['a', 'b']).open)
    await between.next()
    const waiting = readAll(session.runTurnStream(upstream([], 'hang').open))
    await settle()
    await end(session)
    expect(await waiting).toMatchObject({ events: [], error: { code } })
    expect(await readAll(between)).toMatchObject({ events: [], error: { code } })
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abort' }, { by: 'abort' }])
  })

  it('does not come with its session being completed: what runs may finish', async () => {
    const { session } = await openSession()
    const stream = session.runTurnStream(upstream(['a', 'b']).open)
    await stream.next()
    await session.complete()
    expect((await readAll(stream)).events).toMatchObject([textDelta('b'), { type: 'final', text: 'ab' }])
  })
})

describe('the limits of a session', () => {
  it('that a stream passes are thrown after all of its text, with the answer that is paid for', async () => {
    const { session, sessionFacts } = await openSession({ budgetUsd: 0.01, enforceBudget: true })
    const { events, error } = await readAll(session.runTurnStream(upstream(['a', 'b']).open, DRAFT))
    expect(events).toEqual([textDelta('a'), textDelta('b')])
    expect(error).toMatchObject({ code: 'budget_exceeded', called: true, result: { value: 'ab', turnId: 'turn-1' } })
    expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'budgets/exceeded'])
  })

  it.each([
    ['budget_exceeded', { budgetUsd: 0.01, enforceBudget: true }],
    ['usage_limit_exceeded', { usageLimits: { maxOutputTokens: 1 } }],
    ['max_iterations_exceeded', { maxIterations: 1 }],
    ['governance_breach', { governance: [{ limit: 'max_iterations', value: 1 } as const] }],
  ])('refuse a stream with %s before the model is called', async (code, options) => {
    const { session } = await openSession(options)
    const model = upstream(['a'])
    await readAll(session.runTurnStream(model.open, DRAFT))
    expect(await readAll(session.runTurnStream(model.open, DRAFT))).toMatchObject({ events: [], error: { code } })
    expect(model.calls).toHaveLength(1)
  })
})

describe('hooks around a stream', () => {
  it('change the input that the model gets, and the whole text that the final event has [STRM-3]', async () => {
    const { session } = await openSession({
      hooks: [
        {
          name: 'redact',
          beforeModel: (input) => `${String(input)}!`,
          afterModel: (text) => String(text).replace('4711', '****'),
        },
      ],
    })
    const model = upstream(['the pin is 47', '11'])
    const { events } = await readAll(session.runTurnStream(model.open, { input: 'tell me' }))
    expect(model.calls).toMatchObject([{ input: 'tell me!' }])
    expect(events).toMatchObject([textDelta('the pin is 47'), textDelta('11'), { text: 'the pin is ****' }])
  })

  it('that throw are just thrown: before the call nothing was called, after it the turn is paid for', async () => {
    const broken = () => {
      throw new Error('broken hook')
    }
    const before = await openSession({ hooks: [{ name: 'broken', beforeModel: broken }] })
    const after = await openSession({ hooks: [{ name: 'broken', afterModel: broken }] })
    const model = upstream(['a'])
    const error = { message: 'broken hook' }
    expect(await readAll(before.session.runTurnStream(model.open))).toMatchObject({ events: [], error })
    expect(model.calls).toEqual([])
    expect(await readAll(after.session.runTurnStream(model.open))).toMatchObject({ events: [textDelta('a')], error })
    expect(after.session.summary().turns).toMatchObject({ completed: 1 })
  })
})

describe('guardrails around a stream', () => {
  const check = vi.fn(({ stage, input, value }: { stage: string; input: unknown; value?: unknown }) => {
    const seen = String(stage === 'pre' ? input : value)
    return seen.includes('poison') ? { allowed: false as const, reason: 'poison' } : { allowed: true as const }
  })
  const guarded = { guardrails: [{ name: 'taster', stages: ['pre', 'post'], appliesTo: ['turn'], check }] } as const

  it('see its input before the model is called', async () => {
    const { session } = await openSession(guarded)
    const model = upstream(['a'])
    const { events, error } = await readAll(session.runTurnStream(model.open, { input: 'poison' }))
    expect(error).toMatchObject({ code: 'guardrail_violated', stage: 'pre' })
    expect(events).toEqual([])
    expect(model.calls).toEqual([])
  })

  it('see its whole text, which then has no final event', async () => {
    const { session, sessionFacts } = await openSession(guarded)
    const { events, error } = await readAll(session.runTurnStream(upstream(['poi', 'son']).open, { input: 'x' }))
    expect(events).toEqual([textDelta('poi'), textDelta('son')])
    expect(error).toMatchObject({ code: 'guardrail_violated', stage: 'post', result: { value: 'poison' } })
    expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'turns/blocked'])
  })
})
