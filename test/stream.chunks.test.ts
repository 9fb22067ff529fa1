import { describe, expect, it } from 'vitest'
import { createMemoryLog, facts, replay, type AgentSession, type MemoryLog } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { expectNoUnhandledRejections, openSession, payloadsOf, readAll, readSome, upstream } from './support/streams.js'

expectNoUnhandledRejections()

const keep = { keepChunks: true } as const

describe('the chunks of a stream', () => {
  it('are kept in pieces of at least a thousand characters and a last one, if it says so [STRM-9]', async () => {
    const { session, runtime, sessionFacts } = await openSession()
    const words = Array.from({ length: 25 }, (_, index) => String(index % 10).repeat(100))
    await readAll(session.runTurnStream(upstream(words).open, keep))
    const pieces = payloadsOf(runtime, facts.turnChunked)
    expect(pieces.map(({ text }) => text.length)).toEqual([1_000, 1_000, 500])
    expect(pieces.map(({ text }) => text).join('')).toBe(words.join(''))
    expect(pieces[0]).toMatchObject({ sessionId: session.id, turnId: 'turn-1' })
    expect(sessionFacts().slice(2)).toEqual(['turns/chunked', 'turns/chunked', 'turns/chunked', 'turns/completed'])
  })

  it('change no state', async () => {
    const { session, runtime } = await openSession()
    await readAll(session.runTurnStream(upstream(['a']).open, keep))
    const log = runtime.log.facts()
    const chunked = log.find(facts.turnChunked.match)!
    const before = replay(log, { until: chunked.meta.seq - 1 })
    expect(replay(log, { until: chunked.meta.seq })).toEqual({ ...before, seq: chunked.meta.seq })
  })

  it('that are empty are not kept', async () => {
    const { session, runtime } = await openSession()
    await readAll(session.runTurnStream(upstream(['', '']).open, keep))
    expect(payloadsOf(runtime, facts.turnChunked)).toEqual([])
  })

  it.each<[string, string, (session: AgentSession) => Promise<unknown>]>([
    [
      'fails',
      'turns/failed',
      (session) => readAll(session.runTurnStream(upstream(['half'], new Error('cut')).open, keep)),
    ],
    ['is left', 'turns/cancelled', (session) => readSome(session.runTurnStream(upstream(['half', 'x']).open, keep), 1)],
    [
      'is cancelled',
      'turns/cancelled',
      async (session) => {
        const read = readAll(session.runTurnStream(upstream(['half'], 'hang').open, keep))
        await settle()
        await session.cancel()
        await read
      },
    ],
  ])('so far are kept right before the end of a turn that %s [STRM-9]', async (_, end, run) => {
    const { session, runtime, sessionFacts } = await openSession()
    await run(session)
    expect(payloadsOf(runtime, facts.turnChunked)).toMatchObject([{ text: 'half' }])
    const types = sessionFacts()
    expect(types[types.indexOf('turns/chunked') + 1]).toBe(end)
  })

  it('of a turn that has ended are not kept, however late its reader comes back [STRM-9]', async () => {
    const { session, clock, sessionFacts } = await openSession()
    const stream = session.runTurnStream(upstream(['half', 'x']).open, { ...keep, timeoutMs: 50 })
    await stream.next()
    await clock.advance(50)
    const ended = ['turns/started', 'turns/chunked', 'turns/failed', 'recovery/attempted']
    expect(sessionFacts().slice(1)).toEqual(ended)
    await readAll(stream)
    expect(sessionFacts().slice(1)).toEqual(ended)
  })

  it('of each attempt are kept', async () => {
    const { session, runtime, clock } = await openSession({
      recovery: { mode: 'execute', backoff: { baseMs: 1, capMs: 1, jitter: 'none' } },
    })
    const down = Object.assign(new Error('down'), { status: 503 })
    const models = [upstream(['half'], down), upstream(['all'])]
    const read = readAll(session.runTurnStream((call) => models[call.attempt - 1]!.open(call), keep))
    await clock.advance(1_000)
    await read
    expect(payloadsOf(runtime, facts.turnChunked).map(({ text }) => text)).toEqual(['half', 'all'])
  })

  it('that a log cannot keep throw into the stream, and not into a signal', async () => {
    const log = createMemoryLog()
    let isFull = false
    const append: MemoryLog['append'] = (...args) => {
      if (isFull) throw new Error('the disk is full')
      log.append(...args)
    }
    const { session } = await openSession({}, { log: { ...log, append } })
    const controller = new AbortController()
    const read = readAll(session.runTurnStream(upstream(['half'], 'hang').open, { ...keep, signal: controller.signal }))
    await settle()
    isFull = true
    controller.abort(new Error('never mind'))
    expect(await read).toMatchObject({ error: { code: 'log_unavailable', cause: { message: 'the disk is full' } } })
  })
})
