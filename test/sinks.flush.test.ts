import { describe, expect, it } from 'vitest'
import { SinkFlushTimeoutError, type Sink } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

function createGate(name = 'db', settings: Partial<Sink> = {}) {
  const waiting: ((error?: Error) => void)[] = []
  const sink: Sink = {
    name,
    wants: ['usage'],
    ...settings,
    batch() {
      const { promise, resolve, reject } = deferred()
      waiting.push((error) => (error ? reject(error) : resolve(undefined)))
      return promise
    },
  }
  return { sink, answer: (error?: Error) => waiting.shift()?.(error) }
}

async function runTurn(world: ReturnType<typeof createTestRuntime>): Promise<void> {
  await world.orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
}

describe('flushing', () => {
  it('resolves at once when there are no sinks, or nothing waits', async () => {
    const without = createTestRuntime()
    expect(without.runtime.sinks.status()).toEqual([])
    await without.runtime.sinks.flush()
    const world = createTestRuntime({}, { sinks: [createGate().sink] })
    await world.runtime.sinks.flush({ timeoutMs: 1 })
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('waits for what was queued until then, and not for what comes later [SINK-10]', async () => {
    const { sink, answer } = createGate()
    const world = createTestRuntime({}, { sinks: [sink] })
    await runTurn(world)
    let flushed = false
    const flushing = world.runtime.sinks.flush({ timeoutMs: 60_000 }).then(() => (flushed = true))
    await settle()
    expect(flushed).toBe(false)
    await runTurn(world)
    answer()
    await flushing
    expect(world.runtime.sinks.status()).toMatchObject([{ delivered: 1, queued: 1 }])
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('waits for batches that are behind the one in flight', async () => {
    const { sink, answer } = createGate('db', { maxBatch: 1 })
    const world = createTestRuntime({}, { sinks: [sink] })
    await runTurn(world)
    await runTurn(world)
    let flushed = false
    const flushing = world.runtime.sinks.flush().then(() => (flushed = true))
    answer()
    await settle()
    expect(flushed).toBe(false)
    answer()
    await flushing
    expect(world.runtime.sinks.status()).toMatchObject([{ delivered: 2, queued: 0 }])
  })

  it('resolves when what failed was dropped at last', async () => {
    const { sink, answer } = createGate('db', { retries: 1 })
    const world = createTestRuntime({}, { sinks: [sink] })
    await runTurn(world)
    await settle()
    let flushed = false
    void world.runtime.sinks.flush().then(() => (flushed = true))
    answer(new Error('down'))
    await world.clock.advance(1_000)
    expect(flushed).toBe(false)
    answer(new Error('still down'))
    await settle()
    expect(flushed).toBe(true)
    expect(world.runtime.sinks.status()).toMatchObject([{ dropped: 1, queued: 0 }])
  })

  it('gives up after its timeout and names the sinks that are behind, which go on [SINK-10]', async () => {
    const [stuck, fine] = [createGate('stuck'), createGate('fine')]
    const world = createTestRuntime({}, { sinks: [stuck.sink, fine.sink] })
    await runTurn(world)
    const flushing = rejection(world.runtime.sinks.flush({ timeoutMs: 5_000 }))
    await settle()
    fine.answer()
    await world.clock.advance(5_000)
    const error = await flushing
    expect(error).toBeInstanceOf(SinkFlushTimeoutError)
    expect(error).toMatchObject({
      code: 'sink_flush_timeout',
      timeoutMs: 5_000,
      sinks: ['stuck'],
      message: 'sinks were still behind after 5.000s: stuck',
    })
    stuck.answer()
    await world.runtime.sinks.flush()
    expect(world.runtime.sinks.status()).toMatchObject([{ delivered: 1 }, { delivered: 1 }])
  })

  it.each([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: '5s' }],
    ['timeout', { timeout: 5 }],
  ])('refuses a bad %s', async (field, options) => {
    const { runtime } = createTestRuntime()
    expect(await rejection(runtime.sinks.flush(options as never))).toMatchObject({ code: 'invalid_argument', field })
  })
})
