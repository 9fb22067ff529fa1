import { describe, expect, it } from 'vitest'
import { facts, TurnTimeoutError, type StreamOptions, type StreamThunk } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { deferred } from './support/runtime.js'
import {
  expectNoUnhandledRejections,
  openSession,
  payloadsOf,
  readAll,
  textDelta,
  upstream,
} from './support/streams.js'

expectNoUnhandledRejections()

const timedOut = [
  { type: 'error', errorType: 'timeout' },
  { type: 'final', status: 'failed', detail: 'timeout' },
]

describe.each<[string, StreamOptions<string>['timeoutMs'], number]>([
  ['as a number', 250, 250],
  ['on the whole stream', { totalMs: 250 }, 250],
  ['on each later chunk', { chunkMs: 250 }, 250],
])('a limit in time %s', (_, timeoutMs, ms) => {
  it('gives up on a model that stops, aborts and closes it, and leaves no timer [STRM-8]', async () => {
    const { session, clock, sessionFacts, runtime } = await openSession({ circuitBreaker: { name: 'api' } })
    const model = upstream(['a'], 'hang')
    const read = readAll(session.runTurnStream(model.open, { timeoutMs }))
    await clock.advance(ms - 1)
    expect(model.calls).toMatchObject([{ signal: { aborted: false } }])
    await clock.advance(1)
    const { events, error } = await read
    expect(events).toMatchObject([textDelta('a'), ...timedOut])
    expect(error).toBeInstanceOf(TurnTimeoutError)
    expect(error).toMatchObject({ timeoutMs: ms })
    expect(model.calls).toMatchObject([{ closed: 1, signal: { reason: error } }])
    expect(clock.pendingTimers).toBe(0)
    expect(sessionFacts().slice(-2)).toEqual(['turns/failed', 'recovery/attempted'])
    const timeout = { scenario: 'llm_timeout', failureClass: 'llm_timeout', breakerOutcome: 'failure' }
    expect(payloadsOf(runtime, facts.turnFailed)).toMatchObject([timeout])
    expect(runtime.select.breaker('api').failures).toBe(1)
  })

  it('leaves no timer behind a stream that ended, failed or was left in time', async () => {
    const { session, clock } = await openSession()
    await readAll(session.runTurnStream(upstream(['a']).open, { timeoutMs }))
    await readAll(session.runTurnStream(upstream(['a'], new Error('cut')).open, { timeoutMs }))
    const left = session.runTurnStream(upstream(['a'], 'hang').open, { timeoutMs })
    await left.next()
    void left.next()
    await settle()
    expect(clock.pendingTimers).toBe(1)
    await left.return()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a limit in time on the first chunk', () => {
  it.each<[string, StreamThunk<string>]>([
    ['connects and says nothing', upstream([], 'hang').open],
    ['does not even connect', () => new Promise(() => undefined)],
  ])('gives up on a model that %s [STRM-8]', async (_, open) => {
    const { session, clock } = await openSession()
    const read = readAll(session.runTurnStream(open, { timeoutMs: { firstChunkMs: 100, chunkMs: 5 } }))
    await clock.advance(99)
    expect(session.summary().turns.failed).toBe(0)
    await clock.advance(1)
    expect(await read).toMatchObject({ events: timedOut, error: { code: 'turn_timeout', timeoutMs: 100 } })
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts the time that it takes to connect', async () => {
    const { session, clock } = await openSession()
    const connected = deferred()
    const model = upstream([], 'hang')
    const stream = session.runTurnStream((call) => connected.promise.then(() => model.open(call)), {
      timeoutMs: { firstChunkMs: 100 },
    })
    const read = readAll(stream)
    await clock.advance(60)
    connected.resolve(undefined)
    await clock.advance(40)
    expect(await read).toMatchObject({ events: timedOut })
    expect(model.calls).toMatchObject([{ pulled: 1, closed: 1 }])
  })

  it('is over with the first chunk', async () => {
    const { session, clock } = await openSession()
    const stream = session.runTurnStream(upstream(['a'], 'hang').open, { timeoutMs: { firstChunkMs: 100 } })
    await stream.next()
    void stream.next()
    await clock.advance(1_000)
    expect(session.summary().turns.failed).toBe(0)
    await stream.return()
  })

  it('does not come with one on later chunks', async () => {
    const { session, clock } = await openSession()
    const stream = session.runTurnStream(upstream([], 'hang').open, { timeoutMs: { chunkMs: 100 } })
    void stream.next()
    await clock.advance(1_000)
    expect(session.summary().turns.failed).toBe(0)
    await stream.return()
  })
})

describe('the time that the reader takes', () => {
  it('is no part of the time that a chunk takes [STRM-8]', async () => {
    const { session, clock } = await openSession()
    const stream = session.runTurnStream(upstream(['a', 'b']).open, { timeoutMs: { firstChunkMs: 10, chunkMs: 10 } })
    for (let event = 0; event < 3; event += 1) {
      await stream.next()
      await clock.advance(1_000)
    }
    expect(session.summary().turns).toMatchObject({ completed: 1, failed: 0 })
  })

  it('is a part of the time that the whole stream takes [STRM-8]', async () => {
    const { session, clock } = await openSession()
    const model = upstream(['a', 'b'])
    const stream = session.runTurnStream(model.open, { timeoutMs: { totalMs: 100 } })
    await stream.next()
    await clock.advance(100)
    expect(session.summary().turns.failed).toBe(1)
    expect(model.calls).toMatchObject([{ pulled: 1, closed: 1 }])
    expect(await readAll(stream)).toMatchObject({ events: timedOut, error: { code: 'turn_timeout' } })
  })
})

describe('the limit of the orchestrator', () => {
  it.each([
    ['holds for a stream that has none of its own', undefined, 1],
    ['holds for the whole of a stream that limits its chunks', { chunkMs: 1_000 }, 1],
    ['is replaced by that of the stream', { totalMs: 1_000 }, 0],
    ['is switched off by null', null, 0],
    ['is switched off by null for the whole', { totalMs: null }, 0],
  ])('%s [STRM-8]', async (_, timeoutMs, failed) => {
    const { session, clock } = await openSession({ turnTimeoutMs: 100 })
    const stream = session.runTurnStream(upstream([], 'hang').open, { timeoutMs })
    const first = stream.next()
    await clock.advance(100)
    expect(session.summary().turns.failed).toBe(failed)
    await stream.return()
    await first
  })
})

it('what a model still says after its time is not counted', async () => {
  const { session, clock, sessionFacts } = await openSession()
  const chunk = deferred<IteratorResult<string>>()
  const model = () => ({ [Symbol.asyncIterator]: () => ({ next: () => chunk.promise }) })
  const read = readAll(session.runTurnStream(model, { timeoutMs: 10, usage: () => ({ outputTokens: 7 }) }))
  await clock.advance(10)
  expect(await read).toMatchObject({ events: timedOut })
  const before = sessionFacts()
  chunk.resolve({ done: false, value: 'late' })
  await settle()
  expect(sessionFacts()).toEqual(before)
  expect(session.summary()).toMatchObject({ turns: { unmetered: 1 }, usage: { outputTokens: 0 } })
})

it('a model whose iterator throws outright leaves no timer', async () => {
  const { session, clock } = await openSession()
  const broken = {
    next: () => {
      throw new Error('not even a promise')
    },
  }
  const timeoutMs = { totalMs: 100, firstChunkMs: 100, chunkMs: 100 }
  const { error } = await readAll(
    session.runTurnStream(() => ({ [Symbol.asyncIterator]: () => broken }), { timeoutMs }),
  )
  expect(error).toMatchObject({ message: 'not even a promise' })
  expect(clock.pendingTimers).toBe(0)
})
