import { describe, expect, it } from 'vitest'
import { createAgentEvent, createFanOutSink, createRingBufferSink, type Sink, type SinkItem } from '../src/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

const event = createAgentEvent({ event: 'agent.ready', status: 'ready' })

const broken: Sink = {
  name: 'broken',
  event: () => {
    throw new Error('first')
  },
}

describe('a fan-out', () => {
  it('tells everybody before it throws the first error [SINK-11]', () => {
    const ring = createRingBufferSink()
    expect(() => createFanOutSink([broken, ring]).event?.(event)).toThrow('first')
    expect(ring.events()).toEqual([event])
  })

  it('throws nothing when told so [SINK-11]', () => {
    expect(() => createFanOutSink([broken], { suppressErrors: true }).event?.(event)).not.toThrow()
  })

  it('waits for all promises before it rejects with the first error', async () => {
    const written = deferred()
    let done = false
    const rejecting: Sink = { name: 'rejecting', event: () => Promise.reject(new Error('second')) }
    const slow: Sink = { name: 'slow', event: () => written.promise.then(() => (done = true)) }
    const telling = rejection(Promise.resolve(createFanOutSink([slow, broken, rejecting]).event?.(event)))
    written.resolve(undefined)
    expect(await telling).toMatchObject({ message: 'first' })
    expect(done).toBe(true)
    await createFanOutSink([slow, broken, rejecting], { suppressErrors: true }).event?.(event)
  })

  it('tells of what its sinks hear, and of nothing else', async () => {
    const ring = createRingBufferSink()
    const { orchestrator, runtime } = createTestRuntime({}, { sinks: [createFanOutSink([ring], { name: 'both' })] })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    expect(ring.events()).toHaveLength(2)
    expect(runtime.sinks.status()).toMatchObject([{ name: 'both', delivered: 3 }])
  })

  it.each([
    ['sinks', 'none'],
    ['sinks[1]', [broken, {}]],
    ['sinks[0].maxBatch', [{ name: 'db', maxBatch: 0 }]],
  ])('of bad %s is refused', (field, sinks) => {
    expect(() => createFanOutSink(sinks as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('a fan-out to sinks that take batches', () => {
  const kindsOf = (items: readonly SinkItem[]): string => [...new Set(items.map(({ kind }) => kind))].join()

  it('gives each what it wants, and tries again only with those that failed', async () => {
    const told: string[] = []
    let answers = 1
    const fanOut = createFanOutSink([
      { name: 'fine', wants: ['usage'], batch: (items) => told.push(`fine ${kindsOf(items)}`) },
      {
        name: 'flaky',
        wants: ['event', 'usage'],
        async batch(items) {
          told.push(`flaky ${kindsOf(items)}`)
          if ((answers -= 1) >= 0) throw new Error('down')
        },
      },
    ])
    const { orchestrator, runtime, clock } = createTestRuntime({}, { sinks: [fanOut] })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    await clock.advance(1_000)
    expect(told.filter((line) => line.startsWith('flaky')).slice(0, 2)).toEqual(['flaky event', 'flaky event'])
    expect(told.filter((line) => line.startsWith('fine'))).toEqual(['fine usage'])
    expect(runtime.sinks.status()).toMatchObject([{ name: 'fan-out', queued: 0, failed: 1, delivered: 2 }])
  })

  it('does not give a batch again to those that took it [SINK-11]', async () => {
    const taken: string[] = []
    const items: readonly SinkItem[] = [{ kind: 'event', event }]
    let fails = true
    const inner = createFanOutSink([
      { name: 'fine', batch: () => taken.push('fine') },
      {
        name: 'flaky',
        batch: () => {
          if (fails) throw new Error('down')
          taken.push('flaky')
        },
      },
    ])
    const fanOut = createFanOutSink([inner, { name: 'other', batch: () => taken.push('other') }])
    expect(await rejection(Promise.resolve(fanOut.batch?.(items)))).toMatchObject({ message: 'down' })
    fails = false
    await fanOut.batch?.(items)
    expect(taken).toEqual(['fine', 'other', 'flaky'])
  })

  it('has one queue, with the smallest batch and the largest of the other numbers [SINK-11]', () => {
    const batch = () => undefined
    expect(
      createFanOutSink([
        { name: 'a', batch, wants: ['usage'], maxBatch: 10, retries: 0, retryDelayMs: 5 },
        { name: 'b', batch, wants: ['event'], maxQueued: 20_000 },
        { name: 'c', usage: batch, maxBatch: 1 },
      ]),
    ).toMatchObject({ wants: ['usage', 'event'], maxBatch: 10, maxQueued: 20_000, retries: 3, retryDelayMs: 1_000 })
    expect(createFanOutSink([broken])).not.toHaveProperty('batch')
  })

  it('has no batch tried again when it throws nothing', async () => {
    let calls = 0
    const flaky: Sink = {
      name: 'flaky',
      wants: ['usage'],
      batch: () => {
        calls += 1
        throw new Error('down')
      },
    }
    const { orchestrator, runtime } = createTestRuntime(
      {},
      { sinks: [createFanOutSink([flaky], { suppressErrors: true })] },
    )
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    await runtime.sinks.flush()
    expect(calls).toBe(1)
    expect(runtime.sinks.status()).toMatchObject([{ failed: 0, delivered: 1 }])
  })
})
