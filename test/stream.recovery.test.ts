import { describe, expect, it } from 'vitest'
import { facts, type StreamThunk } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import {
  expectNoUnhandledRejections,
  openSession,
  payloadsOf,
  readAll,
  textDelta,
  upstream,
} from './support/streams.js'

expectNoUnhandledRejections()

const down = Object.assign(new Error('the provider is down'), { status: 503 })
const backoff = { baseMs: 100, capMs: 100, jitter: 'none' } as const
const execute = { recovery: { mode: 'execute', backoff, escalation: 'rethrow' } } as const
const usage = { model: 'your-model', usage: (chunk: string) => ({ outputTokens: chunk.length }) }

/** Another model for each attempt. */
function attempts(...models: readonly { readonly open: StreamThunk<string> }[]): StreamThunk<string> {
  return (call) => models[call.attempt - 1]?.open(call) ?? expect.fail(`attempt ${call.attempt}`)
}

describe('a recovery that calls the model again', () => {
  it('says that the text starts afresh, and counts what both calls used [STRM-2]', async () => {
    const { session, clock, sessionFacts } = await openSession(execute)
    const [first, second] = [upstream(['half ', 'of '], down), upstream(['all ', 'of it'])]
    const read = readAll(session.runTurnStream(attempts(first, second), usage))
    await clock.advance(100)
    const { events } = await read
    expect(events).toMatchObject([
      textDelta('half '),
      textDelta('of '),
      { type: 'restart', attempt: 2 },
      textDelta('all '),
      textDelta('of it'),
      { type: 'final', text: 'all of it', usage: { outputTokens: 5 } },
    ])
    expect(sessionFacts()).toEqual([
      'sessions/opened',
      'turns/started',
      'turns/attemptFailed',
      'recovery/attempted',
      'turns/retried',
      'turns/completed',
    ])
    expect(session.summary().usage.outputTokens).toBe(3 + 5)
  })

  it('does not call it before the restart was taken', async () => {
    const { session, clock } = await openSession(execute)
    const [first, second] = [upstream(['a'], down), upstream(['b'])]
    const stream = session.runTurnStream(attempts(first, second))
    await stream.next()
    const restart = stream.next()
    await clock.advance(100)
    expect(await restart).toMatchObject({ value: { type: 'restart' } })
    await settle()
    expect(second.calls).toEqual([])
    await readAll(stream)
    expect(second.calls).toHaveLength(1)
  })

  it('follows a chunk that took too long, and closes the model that stalls', async () => {
    const { session, clock } = await openSession(execute)
    const [first, second] = [upstream(['a'], 'hang'), upstream(['b'])]
    const read = readAll(session.runTurnStream(attempts(first, second), { timeoutMs: { chunkMs: 50 } }))
    await clock.advance(50)
    expect(first.calls).toMatchObject([{ closed: 1, signal: { aborted: true } }])
    await clock.advance(100)
    expect((await read).events).toMatchObject([
      textDelta('a'),
      { type: 'restart' },
      textDelta('b'),
      { type: 'final', text: 'b' },
    ])
    expect(second.calls).toMatchObject([{ signal: { aborted: false } }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not wait for a reader that takes its time, and tells it next', async () => {
    const { session, clock } = await openSession(execute)
    const [first, second] = [upstream(['a', 'x']), upstream(['b'])]
    const stream = session.runTurnStream(attempts(first, second), { timeoutMs: 50 })
    expect(await stream.next()).toMatchObject({ value: textDelta('a') })
    await clock.advance(50)
    expect(first.calls).toMatchObject([{ pulled: 1, closed: 1 }])
    await clock.advance(100)
    expect((await readAll(stream)).events).toMatchObject([{ type: 'restart' }, textDelta('b'), { text: 'b' }])
    expect(first.calls).toMatchObject([{ pulled: 1, closed: 1 }])
  })

  it('that is used up tells of the last error, and throws it [STRM-5]', async () => {
    const { session, clock } = await openSession(execute)
    const last = Object.assign(new Error('still down'), { status: 503 })
    const read = readAll(
      session.runTurnStream(attempts(upstream(['a'], down), upstream(['b'], down), upstream(['c'], last))),
    )
    await clock.advance(1_000)
    const { events, error } = await read
    expect(error).toBe(last)
    expect(events).toMatchObject([
      textDelta('a'),
      { type: 'restart', attempt: 2 },
      textDelta('b'),
      { type: 'restart', attempt: 3 },
      textDelta('c'),
      { type: 'error', errorType: 'Error', message: 'still down' },
      { type: 'final', status: 'failed' },
    ])
  })
})

describe('leaving a stream in its recovery', () => {
  it('while it waits for the next attempt is leaving it [STRM-6]', async () => {
    const governance = [{ limit: 'max_consecutive_failures', value: 0 }] as const
    const { session, clock, runtime, factTypes } = await openSession({ ...execute, governance })
    const second = upstream(['b'])
    const stream = session.runTurnStream(attempts(upstream(['a'], down), second), usage)
    await stream.next()
    const waiting = stream.next()
    await settle()
    expect(clock.pendingTimers).toBe(1)
    await stream.return()
    expect(await waiting).toMatchObject({ done: true })
    expect(clock.pendingTimers).toBe(0)
    expect(second.calls).toEqual([])
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abandoned_stream' }])
    expect(session.summary()).toMatchObject({ turns: { failuresInARow: 1 }, usage: { outputTokens: 1 } })
    expect(factTypes().slice(-2)).toEqual(['turns/cancelled', 'governance/breached'])
  })

  it('at its restart does not call the model again', async () => {
    const { session, clock, runtime } = await openSession(execute)
    const second = upstream(['b'])
    const stream = session.runTurnStream(attempts(upstream(['a'], down), second))
    await stream.next()
    const restart = stream.next()
    await clock.advance(100)
    expect(await restart).toMatchObject({ value: { type: 'restart' } })
    await stream.return()
    await settle()
    expect(second.calls).toEqual([])
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abandoned_stream' }])
  })

  it('for too long at its restart runs into the limit in time, and the model is not called', async () => {
    const { session, clock } = await openSession(execute)
    const models = [upstream(['a'], down), upstream(['b']), upstream(['c']), upstream(['d'])]
    const stream = session.runTurnStream(attempts(...models), { timeoutMs: 50 })
    await stream.next()
    const restart = stream.next()
    await clock.advance(100)
    expect(await restart).toMatchObject({ value: { type: 'restart', attempt: 2 } })
    await clock.advance(150)
    expect(await stream.next()).toMatchObject({ value: { type: 'restart', attempt: 3 } })
    expect(await stream.next()).toMatchObject({ value: textDelta('c') })
    expect(models.map(({ calls }) => calls.length)).toEqual([1, 0, 1, 0])
    await stream.return()
  })
})
