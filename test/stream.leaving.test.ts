import { ReadableStream } from 'node:stream/web'
import { describe, expect, it } from 'vitest'
import { facts, type StreamThunk } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { deferred, DRAFT, rejection, type TestRuntime } from './support/runtime.js'
import {
  expectNoUnhandledRejections,
  openSession,
  payloadsOf,
  readAll,
  readSome,
  textDelta,
  upstream,
} from './support/streams.js'

expectNoUnhandledRejections()

const usage = { model: 'your-model', usage: (chunk: string) => ({ outputTokens: chunk.length }) }

const cancelled = (runtime: TestRuntime['runtime']) => payloadsOf(runtime, facts.turnCancelled)

describe('leaving a stream', () => {
  it.each([1, 2, 3])(
    'at event %i aborts and closes the model, and keeps what was used until then [STRM-6]',
    async (n) => {
      const { session, runtime, sessionFacts } = await openSession()
      const model = upstream(['a', 'ab', 'abc', 'abcd'])
      const events = await readSome(session.runTurnStream(model.open, usage), n)
      expect(events).toEqual(['a', 'ab', 'abc'].slice(0, n).map((chunk) => textDelta(chunk)))
      expect(model.calls).toMatchObject([{ pulled: n, closed: 1 }])
      expect(model.calls[0]?.signal).toMatchObject({ aborted: true, reason: { code: 'stream_abandoned' } })
      expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/cancelled'])
      expect(cancelled(runtime)).toMatchObject([{ by: 'abandoned_stream', usage: { outputTokens: n }, metered: true }])
      expect(session.summary()).toMatchObject({
        turns: { cancelled: 1, failuresInARow: 1 },
        usage: { outputTokens: n },
      })
      expect(session.status).toBe('running')
    },
  )

  it('at the final event loses nothing [STRM-6]', async () => {
    const { session, sessionFacts } = await openSession()
    const model = upstream(['a'])
    await readSome(session.runTurnStream(model.open, usage), 2)
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed'])
    expect(model.calls).toMatchObject([{ closed: 0, signal: { aborted: false } }])
  })

  it('at the event that tells of an error leaves the turn as it is: failed', async () => {
    const { session } = await openSession()
    const events = await readSome(session.runTurnStream(upstream([], new Error('cut')).open), 1)
    expect(events).toMatchObject([{ type: 'error' }])
    expect(session.summary().turns).toMatchObject({ failed: 1, cancelled: 0 })
  })

  it('does not wait for a model that is silent', async () => {
    const { session, runtime } = await openSession()
    const model = upstream(['a'], 'hang')
    const stream = session.runTurnStream(model.open, usage)
    await stream.next()
    const waiting = stream.next()
    await settle()
    expect(await stream.return()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(model.calls).toMatchObject([{ pulled: 2, closed: 1, signal: { aborted: true } }])
    expect(cancelled(runtime)).toMatchObject([{ by: 'abandoned_stream', usage: { outputTokens: 1 } }])
  })

  it('ends it for all of its readers', async () => {
    const { session } = await openSession()
    const stream = session.runTurnStream(upstream(['a'], 'hang').open)
    const other = readAll(stream)
    await settle()
    await stream.return()
    expect(await other).toEqual({ events: [textDelta('a')] })
  })

  it('by throwing into it is the same, and the error comes back', async () => {
    const { session, runtime } = await openSession()
    const stream = session.runTurnStream(upstream(['a']).open)
    await stream.next()
    const error = new Error('the reader broke')
    expect(await rejection(stream.throw(error))).toBe(error)
    expect(cancelled(runtime)).toMatchObject([{ by: 'abandoned_stream' }])
  })

  it('is what the end of its block does', async () => {
    const { session, runtime } = await openSession()
    {
      await using stream = session.runTurnStream(upstream(['a', 'b']).open)
      await stream.next()
    }
    expect(cancelled(runtime)).toHaveLength(1)
  })

  it('is what cancelling a web stream of it does', async () => {
    const { session, runtime } = await openSession()
    const model = upstream(['a'], 'hang')
    const reader = ReadableStream.from(session.runTurnStream(model.open)).getReader()
    expect(await reader.read()).toEqual({ done: false, value: textDelta('a') })
    await settle()
    await reader.cancel()
    expect(model.calls).toMatchObject([{ closed: 1 }])
    expect(cancelled(runtime)).toHaveLength(1)
  })

  it('frees the probe of its circuit breaker and counts as nothing there', async () => {
    const { session, runtime, clock } = await openSession({
      circuitBreaker: { name: 'api', failureThreshold: 1, recoveryTimeoutMs: 100 },
    })
    await readAll(session.runTurnStream(upstream([], new Error('down')).open))
    await clock.advance(100)
    await readSome(session.runTurnStream(upstream(['a', 'b']).open), 1)
    expect(runtime.select.breaker('api').state).toBe('half_open')
    await readAll(session.runTurnStream(upstream(['a']).open))
    expect(runtime.select.breaker('api').state).toBe('closed')
  })

  it('counts what was used against the budget', async () => {
    const { session, sessionFacts } = await openSession({ budgetUsd: 0.01, enforceBudget: true })
    const open: StreamThunk<string> = (call) => {
      call.reportUsage(DRAFT.usage)
      return upstream(['a', 'b']).open(call)
    }
    await readSome(session.runTurnStream(open, { model: 'your-model' }), 1)
    expect(sessionFacts().slice(-2)).toEqual(['turns/cancelled', 'budgets/exceeded'])
    const { error } = await readAll(session.runTurnStream(open, { model: 'your-model' }))
    expect(error).toMatchObject({ code: 'budget_exceeded', called: false })
  })

  it('too often in a row is a breach of governance, which the next turn throws [STRM-6]', async () => {
    const limit = { limit: 'max_consecutive_failures', value: 1 } as const
    const { session, sessionFacts } = await openSession({ governance: [limit] })
    await readSome(session.runTurnStream(upstream(['a', 'b']).open), 1)
    await readSome(session.runTurnStream(upstream(['a', 'b']).open), 1)
    expect(sessionFacts().slice(-2)).toEqual(['turns/cancelled', 'governance/breached'])
    expect(await rejection(session.runTurn(() => 1))).toMatchObject({ code: 'governance_breach' })
  })
})

describe('a model that is left', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('cannot close'))],
    [
      'throws at once',
      () => {
        throw new Error('cannot close')
      },
    ],
    ['never answers', () => new Promise<never>(() => undefined)],
    ['cannot be told', undefined],
  ])('and %s when it is told to close, holds nobody up [STRM-4]', async (_, close) => {
    const { session, runtime } = await openSession()
    const next = async () => ({ done: false, value: 'a' }) as const
    const iterator = { next, ...(close && { return: close }) }
    const events = await readSome(
      session.runTurnStream(() => ({ [Symbol.asyncIterator]: () => iterator })),
      1,
    )
    expect(events).toEqual([textDelta('a')])
    expect(cancelled(runtime)).toHaveLength(1)
  })

  it('before it has answered is closed when it does', async () => {
    const { session, runtime } = await openSession()
    const model = upstream(['a'])
    const answer = deferred()
    const stream = session.runTurnStream((call) => answer.promise.then(() => model.open(call)))
    const waiting = stream.next()
    await settle()
    await stream.return()
    expect(await waiting).toMatchObject({ done: true })
    answer.resolve(undefined)
    await settle()
    expect(model.calls).toMatchObject([{ pulled: 0, closed: 1 }])
    expect(cancelled(runtime)).toMatchObject([{ metered: false }])
  })

  it('may still fail or answer: nobody hears of it', async () => {
    const { session, sessionFacts } = await openSession()
    const chunk = deferred<IteratorResult<string>>()
    const late = deferred<AsyncIterable<string>>()
    const [stalled, unopened] = [
      session.runTurnStream(() => ({ [Symbol.asyncIterator]: () => ({ next: () => chunk.promise }) }), usage),
      session.runTurnStream(() => late.promise),
    ]
    void stalled.next()
    void unopened.next()
    await settle()
    await Promise.all([stalled.return(), unopened.return()])
    const before = sessionFacts()
    chunk.resolve({ done: false, value: 'too late to count' })
    late.reject(new Error('too late to matter'))
    await settle()
    expect(sessionFacts()).toEqual(before)
    expect(session.summary().usage.outputTokens).toBe(0)
  })
})

it('leaving a stream before its turn may start records no turn', async () => {
  const { session, sessionFacts, clock } = await openSession({
    rateLimit: { name: 'api', requests: { capacity: 1, refillPerSecond: 0.01 } },
  })
  await readAll(session.runTurnStream(upstream(['a']).open))
  const before = sessionFacts()
  const model = upstream(['a'])
  const stream = session.runTurnStream(model.open)
  const waiting = stream.next()
  await settle()
  expect(clock.pendingTimers).toBe(1)
  await stream.return()
  expect(await waiting).toMatchObject({ done: true })
  expect(model.calls).toEqual([])
  expect(sessionFacts()).toEqual(before)
  expect(clock.pendingTimers).toBe(0)
})
