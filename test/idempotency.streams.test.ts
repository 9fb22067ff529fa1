import { describe, expect, it } from 'vitest'
import { facts, replay } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, DRAFT } from './support/runtime.js'
import { expectNoUnhandledRejections, payloadsOf, readAll, textDelta, upstream } from './support/streams.js'

expectNoUnhandledRejections()

const KEYED = { ...DRAFT, idempotencyKey: 'draft' }

async function openThread() {
  const test = createTestRuntime()
  return { ...test, session: await test.orchestrator.open({ threadId: 'user-42:essay' }) }
}

describe('a stream with an idempotency key', () => {
  it('whose key has an answer is all of its text at once, and a final event [STRM-10]', async () => {
    const { session, runtime } = await openThread()
    const model = upstream(['Well ', 'said.'])
    const first = await readAll(session.runTurnStream(model.open, KEYED))
    const again = await readAll(session.runTurnStream(model.open, { ...KEYED, keepChunks: true }))
    expect(first.events).toMatchObject([textDelta('Well '), textDelta('said.'), { replayed: false }])
    expect(again.events).toEqual([
      textDelta('Well said.', null),
      { ...first.events[2], type: 'final', status: 'completed', replayed: true },
    ])
    expect(model.calls).toHaveLength(1)
    expect(payloadsOf(runtime, facts.turnChunked)).toEqual([])
    expect(runtime.select.totals().turns).toBe(1)
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })

  it('shares its answer with turns that are no streams, both ways', async () => {
    const { session } = await openThread()
    await readAll(session.runTurnStream(upstream(['a', 'b']).open, { idempotencyKey: 'streamed' }))
    await session.runTurn(() => 'ab', { idempotencyKey: 'whole' })
    expect(await session.runTurn(() => 'x', { idempotencyKey: 'streamed' })).toMatchObject({ value: 'ab' })
    const { events } = await readAll(session.runTurnStream(upstream(['x']).open, { idempotencyKey: 'whole' }))
    expect(events).toMatchObject([textDelta('ab', null), { text: 'ab', replayed: true }])
  })

  it('that stands for an answer which is no text is a conflict', async () => {
    const { session } = await openThread()
    await session.runTurn(() => ({ text: 'ab' }), KEYED)
    const model = upstream(['x'])
    const { events, error } = await readAll(session.runTurnStream(model.open, KEYED))
    expect(error).toMatchObject({ code: 'idempotency_conflict', idempotencyKey: 'draft' })
    expect(events).toEqual([])
    expect(model.calls).toEqual([])
  })

  it('waits for another one that runs, and reads nothing itself', async () => {
    const { session } = await openThread()
    const model = upstream(['a', 'b'])
    const leader = session.runTurnStream(model.open, KEYED)
    await leader.next()
    const waiting = readAll(session.runTurnStream(model.open, KEYED))
    await settle()
    await readAll(leader)
    expect((await waiting).events).toMatchObject([textDelta('ab', null), { replayed: true }])
    expect(model.calls).toHaveLength(1)
  })

  it('that is left hands over to the next one, from the beginning [IDEM-5]', async () => {
    const { session, runtime } = await openThread()
    const model = upstream(['a', 'b'])
    const leader = session.runTurnStream(model.open, KEYED)
    await leader.next()
    const waiting = readAll(session.runTurnStream(model.open, KEYED))
    await settle()
    await leader.return()
    expect((await waiting).events).toMatchObject([textDelta('a'), textDelta('b'), { text: 'ab', replayed: false }])
    expect(model.calls).toMatchObject([{ closed: 1 }, { closed: 0 }])
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abandoned_stream' }])
  })

  it('that waits may be left, and leaves the one that runs alone', async () => {
    const { session } = await openThread()
    const model = upstream(['a', 'b'])
    const leader = session.runTurnStream(model.open, KEYED)
    await leader.next()
    const follower = session.runTurnStream(model.open, KEYED)
    const waiting = follower.next()
    await settle()
    await follower.return()
    expect(await waiting).toMatchObject({ done: true })
    expect((await readAll(leader)).events).toMatchObject([textDelta('b'), { text: 'ab' }])
    expect(session.summary().turns).toMatchObject({ completed: 1, cancelled: 0, replayed: 0 })
  })

  it.each([
    ['an error', upstream(['a'], new Error('down')), 'down'],
    ['a timeout', upstream(['a'], 'hang'), 'turn exceeded timeout of 0.010s'],
  ])(
    'shares %s: the one that waits throws it too, and tells nothing of a model that it did not read',
    async (...given) => {
      const [, model, message] = given
      const { session, clock } = await openThread()
      const reading = Promise.all(
        [1, 2].map(() => readAll(session.runTurnStream(model.open, { ...KEYED, timeoutMs: 10 }))),
      )
      await clock.advance(10)
      const [leader, follower] = await reading
      expect(leader?.error).toMatchObject({ message })
      expect(follower?.error).toBe(leader?.error)
      expect([leader?.events.length, follower?.events.length]).toEqual([3, 0])
      expect(model.calls).toHaveLength(1)
    },
  )

  it('is kept as hooks left it', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      hooks: [{ name: 'redact', afterModel: (text) => String(text).replace('4711', '****') }],
    })
    const session = await orchestrator.open({ threadId: 'user-42:essay' })
    const model = upstream(['the pin is 47', '11'])
    await readAll(session.runTurnStream(model.open, KEYED))
    const { events } = await readAll(session.runTurnStream(model.open, KEYED))
    expect(events).toMatchObject([textDelta('the pin is ****', null), { text: 'the pin is ****' }])
    expect(JSON.stringify(runtime.log.facts())).not.toContain('4711')
  })
})
