import { describe, expect, it, vi } from 'vitest'
import { InvalidArgumentError, type StreamEvent } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { DRAFT, rejection } from './support/runtime.js'
import { expectNoUnhandledRejections, openSession, readAll, textDelta, upstream } from './support/streams.js'

expectNoUnhandledRejections()

describe('a stream', () => {
  it('tells each piece of text, and at the end all of it and what it used [STRM-2]', async () => {
    const { session } = await openSession()
    const { events } = await readAll(session.runTurnStream(upstream(['Well ', '', 'said.']).open, DRAFT))
    expect(events).toEqual([
      textDelta('Well '),
      textDelta(''),
      textDelta('said.'),
      {
        type: 'final',
        status: 'completed',
        text: 'Well said.',
        turnId: 'turn-1',
        replayed: false,
        usage: expect.objectContaining(DRAFT.usage) as unknown,
      },
    ])
  })

  it('is recorded by the same facts as any turn, without a word of its text [STRM-1, STRM-9]', async () => {
    const { session, runtime, sessionFacts } = await openSession()
    await readAll(session.runTurnStream(upstream(['a secret']).open, DRAFT))
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/completed'])
    expect(JSON.stringify(runtime.log.facts())).not.toContain('secret')
    expect(session.summary()).toMatchObject({ turns: { completed: 1 }, usage: { turns: 1, costUsd: 0.033 } })
  })

  it('without any text is a turn with an empty answer', async () => {
    const { session } = await openSession()
    const { events } = await readAll(session.runTurnStream(upstream([]).open))
    expect(events).toMatchObject([{ type: 'final', text: '' }])
  })

  it('runs nothing before its first event is asked for [STRM-1]', async () => {
    const beforeModel = vi.fn()
    const { session, sessionFacts, clock } = await openSession({ hooks: [{ name: 'watch', beforeModel }] })
    const model = upstream(['a'])
    const stream = session.runTurnStream(model.open, { timeoutMs: 10 })
    await settle()
    expect([model.calls.length, beforeModel.mock.calls.length, clock.pendingTimers]).toEqual([0, 0, 0])
    expect(sessionFacts()).toEqual(['sessions/opened'])
    await stream.next()
    expect([model.calls.length, beforeModel.mock.calls.length, clock.pendingTimers]).toEqual([1, 1, 1])
    await stream.return()
  })

  it('that nobody reads is no turn', async () => {
    const { session, sessionFacts } = await openSession({ maxIterations: 1 })
    const model = upstream(['a'])
    session.runTurnStream(model.open)
    const left = session.runTurnStream(model.open)
    expect(await left.return()).toEqual({ done: true, value: undefined })
    expect(await left.next()).toEqual({ done: true, value: undefined })
    await session.complete()
    expect(model.calls).toEqual([])
    expect(sessionFacts()).toEqual(['sessions/opened', 'sessions/completed'])
  })

  it('reads one chunk of the model for each event that is asked for [STRM-4]', async () => {
    const { session } = await openSession()
    const model = upstream(['a', 'b', 'c'])
    const stream = session.runTurnStream(model.open)
    const pulled: unknown[] = []
    for (let asked = 1; asked <= 4; asked += 1) {
      await stream.next()
      await settle()
      pulled.push(model.calls[0]?.pulled)
    }
    expect(pulled).toEqual([1, 2, 3, 4])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('does not close a model that has ended by itself', async () => {
    const { session } = await openSession()
    const [ended, failed] = [upstream(['a']), upstream(['a'], new Error('cut'))]
    await readAll(session.runTurnStream(ended.open))
    await readAll(session.runTurnStream(failed.open))
    expect([...ended.calls, ...failed.calls].map(({ closed }) => closed)).toEqual([0, 0])
  })

  it('may be opened by a promise', async () => {
    const { session } = await openSession()
    const { events } = await readAll(session.runTurnStream(async (call) => upstream(['a']).open(call)))
    expect(events).toMatchObject([textDelta('a'), { type: 'final' }])
  })

  it('gives each event to one of its readers', async () => {
    const { session } = await openSession()
    const stream = session.runTurnStream(upstream(['a', 'b', 'c', 'd']).open)
    const [one, other] = await Promise.all([readAll(stream), readAll(stream)])
    const deltas = [...one.events, ...other.events].map((event) => (event.type === 'text_delta' ? event.delta : 'end'))
    expect(deltas.sort()).toEqual(['a', 'b', 'c', 'd', 'end'])
    expect(one.events.length * other.events.length).toBeGreaterThan(0)
  })

  it('runs beside other streams of its session, each as a turn of its own', async () => {
    const { session, runtime } = await openSession()
    const streams = ['x', 'y'].map((word) => session.runTurnStream(upstream([word, word]).open))
    await Promise.all(streams.map((stream) => stream.next()))
    expect(runtime.select.summary(session.id).inFlight.turns).toEqual(['turn-1', 'turn-2'])
    const ends = await Promise.all(streams.map(readAll))
    expect(ends.map(({ events }) => events.at(-1))).toMatchObject([
      { turnId: 'turn-1', text: 'xx' },
      { turnId: 'turn-2', text: 'yy' },
    ])
  })
})

describe('chunks of another type', () => {
  interface Delta {
    readonly words?: string
    readonly tokens?: number
  }
  const options = {
    model: 'your-model',
    text: ({ words = '' }: Delta) => words,
    usage: ({ tokens }: Delta) => (tokens === undefined ? undefined : { outputTokens: tokens }),
  }

  it('say where their text is, and come along with it [STRM-3]', async () => {
    const { session } = await openSession()
    const deltas: Delta[] = [{ words: 'Well ' }, { tokens: 3 }, { words: 'said.' }]
    const { events } = await readAll(session.runTurnStream(upstream(deltas).open, options))
    expect(events.slice(0, 3)).toEqual([
      textDelta('Well ', deltas[0]),
      textDelta('', deltas[1]),
      textDelta('said.', deltas[2]),
    ])
    expect(events[3]).toMatchObject({ text: 'Well said.' })
  })

  it('say what was used: the last that says something counts [STRM-7]', async () => {
    const { session } = await openSession()
    const deltas = [{ tokens: 5 }, { tokens: 9 }, { words: 'the rest' }]
    const { events } = await readAll(session.runTurnStream(upstream(deltas).open, options))
    expect(events.at(-1)).toMatchObject({ usage: { outputTokens: 9 } })
    expect(session.summary().usage.outputTokens).toBe(9)
  })

  it('that say what was used count when the stream then fails [STRM-7]', async () => {
    const { session } = await openSession()
    await readAll(session.runTurnStream(upstream([{ tokens: 1_000_000 }], new Error('cut')).open, options))
    expect(session.summary()).toMatchObject({ turns: { failed: 1, unmetered: 0 }, usage: { costUsd: 15 } })
  })

  it.each([
    ['text', { ...options, text: () => 5 as never }, { field: 'text()', value: 5 }],
    ['text', { ...options, text: undefined as never }, { field: 'text()' }],
    ['usage', { ...options, usage: () => ({ outputTokens: -1 }) }, { field: 'usage.outputTokens', value: -1 }],
  ])('whose %s cannot be read fail the turn and close the model [STRM-3]', async (_, given, expected) => {
    const { session } = await openSession({ circuitBreaker: { name: 'api', failureThreshold: 1 } })
    const model = upstream<Delta>([{ words: 'a' }, { words: 'b' }])
    const { events, error } = await readAll(session.runTurnStream(model.open, given))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject(expected)
    expect(events).toMatchObject([{ type: 'error' }, { type: 'final', detail: 'InvalidArgumentError' }])
    expect(model.calls).toMatchObject([{ pulled: 1, closed: 1 }])
    expect(session.summary()).toMatchObject({ turns: { failed: 1 }, breaker: { state: 'closed' } })
  })
})

describe('what a stream used', () => {
  it('may be given, or reported by its function [STRM-7]', async () => {
    const { session } = await openSession()
    await readAll(session.runTurnStream(upstream(['a']).open, { usage: { inputTokens: 5 } }))
    const reporting = session.runTurnStream((call) => {
      call.reportUsage({ inputTokens: 3 })
      return upstream(['a']).open(call)
    })
    const { events } = await readAll(reporting)
    expect(events.at(-1)).toMatchObject({ usage: { inputTokens: 3 } })
    expect(session.summary().usage.inputTokens).toBe(8)
  })

  it('is not read by the reader of the orchestrator, which is for whole answers [STRM-7]', async () => {
    const readUsage = vi.fn(() => ({ inputTokens: 1 }))
    const { session } = await openSession({ readUsage })
    await readAll(session.runTurnStream(upstream(['a']).open))
    expect(readUsage).not.toHaveBeenCalled()
    expect(session.summary().turns).toMatchObject({ completed: 1, unmetered: 1 })
  })
})

describe('bad input to a stream', () => {
  it.each([
    ['thunk', 'not a function', {}],
    ['model', upstream([]).open, { model: ' ' }],
    ['text', upstream([]).open, { text: 'content' }],
    ['usage.inputTokens', upstream([]).open, { usage: { inputTokens: -1 } }],
    ['keepChunks', upstream([]).open, { keepChunks: 'yes' }],
    ['idempotencyKey', upstream([]).open, { idempotencyKey: '' }],
    ['signal', upstream([]).open, { signal: {} }],
    ['timeoutMs', upstream([]).open, { timeoutMs: 0 }],
    ['timeoutMs.totalMs', upstream([]).open, { timeoutMs: { totalMs: -1 } }],
    ['timeoutMs.firstChunkMs', upstream([]).open, { timeoutMs: { firstChunkMs: NaN } }],
    ['timeoutMs.chunkMs', upstream([]).open, { timeoutMs: { chunkMs: 2 ** 31 } }],
    ['timeoutMs.chunksMs', upstream([]).open, { timeoutMs: { chunksMs: 5 } }],
    ['chunks', upstream([]).open, { chunks: true }],
  ])('names %s at once, before anything happened [STRM-1]', async (field, thunk, options) => {
    const { session, sessionFacts } = await openSession()
    const call = () => session.runTurnStream(thunk as never, options as never) as AsyncIterable<StreamEvent<string>>
    expect(call).toThrow(InvalidArgumentError)
    expect(call).toThrow(expect.objectContaining({ field }) as Error)
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([['a word'], [undefined], [['a', 'list']], [{ next: () => undefined }]])(
    'is also a function that returns %j and no stream [STRM-3]',
    async (returned) => {
      const { session } = await openSession()
      const { error } = await readAll(session.runTurnStream(() => returned as never))
      expect(error).toMatchObject({ code: 'invalid_argument', field: 'thunk()', value: returned })
      expect(session.summary().turns.failed).toBe(1)
    },
  )

  it('is thrown with the first event when the session has ended', async () => {
    const { session } = await openSession()
    await session.complete()
    const stream = session.runTurnStream(upstream(['a']).open)
    expect(await rejection(stream.next())).toMatchObject({ code: 'session_ended' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})
