import { describe, expect, it } from 'vitest'
import { facts, type AgentRuntime, type MemoryLog, type Sink, type SinkItem } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT } from './support/runtime.js'

interface Call {
  readonly items: readonly SinkItem[]
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

/** A destination that answers when the test says so. */
function createDestination(settings: Partial<Sink> = {}) {
  const calls: Call[] = []
  const sink: Sink = {
    name: 'db',
    wants: ['usage'],
    ...settings,
    batch(items) {
      const { promise, resolve, reject } = deferred()
      calls.push({ items, succeed: () => resolve(undefined), fail: reject })
      return promise
    },
  }
  return { sink, calls, turnsOf: (call: number) => calls[call]!.items.map(turnOf) }
}

const turnOf = (item: SinkItem): string => (item.kind === 'usage' ? item.record.turnId : item.kind)

async function createWriter(sinks: readonly Sink[]) {
  const world = createTestRuntime({ maxIterations: 1_000 }, { sinks })
  const session = await world.orchestrator.open()
  const runTurns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await session.runTurn(() => 1, DRAFT)
  }
  return { ...world, session, runTurns }
}

const failuresIn = (runtime: AgentRuntime<MemoryLog>) =>
  runtime.log
    .facts()
    .filter(facts.sinkFailed.match)
    .map(({ payload }) => payload)

const diskFull = () => Object.assign(new RangeError('/home/jo/secret is full'), { code: 'disk_full' })

describe('a sink that takes batches', () => {
  it('gets what gathered while the batch before was delivered, in order, one batch at a time [SINK-4]', async () => {
    const { sink, calls, turnsOf } = createDestination()
    const { runTurns, runtime } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(3)
    await settle()
    expect(calls).toHaveLength(1)
    expect(turnsOf(0)).toEqual(['turn-1'])
    calls[0]!.succeed()
    await settle()
    expect(calls).toHaveLength(2)
    expect(turnsOf(1)).toEqual(['turn-2', 'turn-3', 'turn-4'])
    calls[1]!.succeed()
    await runtime.sinks.flush()
    expect(runtime.sinks.status()).toEqual([
      { name: 'db', queued: 0, delivered: 4, dropped: 0, failed: 0, lagMs: 0, lastError: null },
    ])
  })

  it('never delays a turn, however slow it is [SINK-3]', async () => {
    const { sink, calls } = createDestination()
    const { runTurns, clock, runtime } = await createWriter([sink])
    await runTurns(50)
    expect(calls).toHaveLength(1)
    expect(runtime.select.summary('session-1').turns.completed).toBe(50)
    expect(clock.now()).toBe(1_000)
    expect(clock.pendingTimers).toBe(0)
  })

  it('is not called before the turn that it hears of has been told to everybody', async () => {
    const heard: string[] = []
    const { orchestrator, runtime } = createTestRuntime(
      {},
      {
        sinks: [
          { name: 'batches', wants: ['usage'], batch: () => heard.push('batch') },
          { name: 'ears', usage: () => heard.push('usage') },
        ],
      },
    )
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    await runtime.sinks.flush()
    expect(heard).toEqual(['usage', 'batch'])
  })

  it('gets at most maxBatch items at once [SINK-4]', async () => {
    const { sink, calls, turnsOf } = createDestination({ maxBatch: 2 })
    const { runTurns, runtime } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(3)
    for (const call of [0, 1, 2]) {
      calls[call]!.succeed()
      await settle()
    }
    expect([0, 1, 2].map(turnsOf)).toEqual([['turn-1'], ['turn-2', 'turn-3'], ['turn-4']])
    expect(runtime.sinks.status()).toMatchObject([{ delivered: 4, queued: 0 }])
  })

  it('gets 500 at once when it does not say how many [SINK-1]', async () => {
    const { sink, calls } = createDestination()
    const { runTurns } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(501)
    calls[0]!.succeed()
    await settle()
    calls[1]!.succeed()
    await settle()
    expect(calls.map(({ items }) => items.length)).toEqual([1, 500, 1])
  })

  it('gets facts, events and usage when it does not say which [SINK-1, SINK-4]', async () => {
    const { sink, calls } = createDestination({ wants: undefined })
    const { orchestrator, runtime } = createTestRuntime({}, { sinks: [sink] })
    await settle()
    calls[0]!.succeed()
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    for (const { succeed } of calls) succeed()
    while (runtime.sinks.status()[0]!.queued > 0) {
      await settle()
      calls.at(-1)!.succeed()
    }
    const told = calls.flatMap(({ items }) => items)
    const [logged, events, usage] = (['fact', 'event', 'usage'] as const).map((kind) =>
      told.filter((item) => item.kind === kind),
    )
    expect(logged!.map((item) => item.kind === 'fact' && item.fact)).toEqual(runtime.log.facts())
    expect(events!.map((item) => item.kind === 'event' && item.event.event)).toEqual([
      'agent.started',
      'agent.completed',
    ])
    expect(usage!.map((item) => item.kind === 'usage' && item.record)).toMatchObject([
      { sessionId: 'session-1', turnId: 'turn-1', role: 'writer', model: 'your-model', costUsd: 0.033 },
    ])
  })

  it('may be synchronous', async () => {
    const taken: string[] = []
    const { runTurns, runtime } = await createWriter([
      { name: 'sync', wants: ['usage'], batch: (items) => taken.push(...items.map(turnOf)) },
    ])
    await runTurns(3)
    await runtime.sinks.flush()
    expect(taken).toEqual(['turn-1', 'turn-2', 'turn-3'])
  })

  it('says how far it is behind [SINK-9]', async () => {
    const { sink, calls } = createDestination()
    const { runTurns, runtime, clock } = await createWriter([sink])
    await runTurns(1)
    await clock.advance(250)
    await runTurns(2)
    await clock.advance(50)
    expect(runtime.sinks.status()).toMatchObject([{ queued: 3, delivered: 0, lagMs: 300 }])
    calls[0]!.succeed()
    await settle()
    expect(runtime.sinks.status()).toMatchObject([{ queued: 2, delivered: 1, lagMs: 50 }])
  })

  it('does not hold others up, each has its own queue', async () => {
    const [stuck, fine] = [createDestination({ name: 'stuck' }), createDestination({ name: 'fine' })]
    const { runTurns, runtime } = await createWriter([stuck.sink, fine.sink])
    await runTurns(1)
    await settle()
    await runTurns(2)
    fine.calls[0]!.succeed()
    await settle()
    fine.calls[1]!.succeed()
    await settle()
    expect(runtime.sinks.status()).toMatchObject([
      { name: 'stuck', queued: 3, delivered: 0 },
      { name: 'fine', queued: 0, delivered: 3 },
    ])
  })
})

describe('a batch that fails', () => {
  it('is tried again with the same items after 1, 2 and 4 seconds, while the rest waits [SINK-6]', async () => {
    const { sink, calls, turnsOf } = createDestination()
    const { runTurns, runtime, clock } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(2)
    for (const [call, delayMs] of [1_000, 2_000, 4_000].entries()) {
      calls[call]!.fail(diskFull())
      await clock.advance(delayMs - 1)
      expect(calls).toHaveLength(call + 1)
      await clock.advance(1)
      expect(calls).toHaveLength(call + 2)
      expect(calls[call + 1]!.items).toBe(calls[0]!.items)
    }
    expect(runtime.sinks.status()).toMatchObject([
      { queued: 3, failed: 3, dropped: 0, lastError: { name: 'RangeError', code: 'disk_full' } },
    ])
    calls[3]!.succeed()
    await settle()
    expect(turnsOf(4)).toEqual(['turn-2', 'turn-3'])
    expect(clock.pendingTimers).toBe(0)
    expect(failuresIn(runtime)).toEqual([])
    expect(runtime.sinks.status()).toMatchObject([{ delivered: 1, dropped: 0, failed: 3 }])
  })

  it('is dropped when its retries are used up: one fact, one warning, and the next batch goes on [SINK-6]', async () => {
    const { sink, calls, turnsOf } = createDestination({ retries: 1, retryDelayMs: 10 })
    const { runTurns, runtime, clock, warnings } = await createWriter([sink])
    await runTurns(3)
    await settle()
    calls[0]!.succeed()
    await settle()
    calls[1]!.fail(diskFull())
    await clock.advance(10)
    await runTurns(1)
    calls[2]!.fail(diskFull())
    await settle()
    expect(failuresIn(runtime)).toEqual([
      {
        sessionId: null,
        component: 'usage_sink',
        sink: 'db',
        error: { name: 'RangeError', code: 'disk_full' },
        dropped: 2,
      },
    ])
    expect(warnings).toEqual(["sink 'db' could not take 2 items, which were dropped: RangeError (disk_full)"])
    expect(turnsOf(3)).toEqual(['turn-4'])
    calls[3]!.succeed()
    await settle()
    expect(runtime.sinks.status()).toMatchObject([{ delivered: 2, dropped: 2, failed: 2, queued: 0 }])
    expect(JSON.stringify([runtime.log.facts(), warnings])).not.toContain('secret')
  })

  it('waits no longer than 30 seconds [SINK-6]', async () => {
    const { sink, calls } = createDestination({ retries: 9, retryDelayMs: 20_000 })
    const { runTurns, clock } = await createWriter([sink])
    await runTurns(1)
    await settle()
    calls[0]!.fail(diskFull())
    await clock.advance(20_000)
    calls[1]!.fail(diskFull())
    await clock.advance(29_999)
    expect(calls).toHaveLength(2)
    await clock.advance(1)
    expect(calls).toHaveLength(3)
  })

  it('is tried once only with retries 0, and a throw counts as a rejection', async () => {
    let calls = 0
    const { runTurns, runtime, clock } = await createWriter([
      {
        name: 'thrower',
        wants: ['usage'],
        retries: 0,
        batch: () => {
          calls += 1
          throw diskFull()
        },
      },
    ])
    await runTurns(1)
    await runtime.sinks.flush()
    expect(calls).toBe(1)
    expect(clock.pendingTimers).toBe(0)
    expect(failuresIn(runtime)).toMatchObject([{ dropped: 1, error: { code: 'disk_full' } }])
  })

  it('is not told to sinks that take batches, so that it does not feed itself [SINK-8]', async () => {
    const other = createDestination({ name: 'other', wants: undefined, retries: 0 })
    const heard: string[] = []
    const { orchestrator, runtime, clock } = createTestRuntime(
      {},
      {
        sinks: [
          { name: 'broken', retries: 0, batch: () => Promise.reject(diskFull()) },
          other.sink,
          { name: 'ears', event: ({ data }) => heard.push(JSON.stringify(data?.['component'])) },
        ],
      },
    )
    await orchestrator.open()
    await settle()
    const facts = runtime.log.facts().length
    await clock.advance(600_000)
    expect(runtime.log.facts()).toHaveLength(facts)
    expect(heard.filter((component) => component === '"fact_sink"')).toHaveLength(failuresIn(runtime).length)
    expect(failuresIn(runtime).length).toBeGreaterThan(0)
    other.calls[0]!.succeed()
    await settle()
    const told = other.calls.flatMap(({ items }) => items)
    expect(told.some((item) => item.kind === 'fact' && item.fact.type === 'sinks/failed')).toBe(false)
  })

  it('cannot be changed by its sink before it is tried again', async () => {
    const seen: number[] = []
    const { runTurns, clock } = await createWriter([
      {
        name: 'greedy',
        wants: ['usage'],
        retries: 1,
        batch(items) {
          seen.push(items.length)
          ;(items as SinkItem[]).shift()
        },
      },
    ])
    await runTurns(1)
    await clock.advance(1_000)
    expect(seen).toEqual([1, 1])
  })
})

describe('a queue that is full', () => {
  it('drops the oldest, and says so once: at once in a warning, with their number in a fact when it has caught up [SINK-7]', async () => {
    const { sink, calls, turnsOf } = createDestination({ maxQueued: 3 })
    const { runTurns, runtime, warnings } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(3)
    expect(warnings).toEqual([])
    await runTurns(4)
    expect(warnings).toEqual(["sink 'db' is behind: more than 3 items wait, and the oldest are dropped"])
    expect(failuresIn(runtime)).toEqual([])
    expect(runtime.sinks.status()).toMatchObject([
      { queued: 4, dropped: 4, failed: 0, lastError: { name: 'SinkOverflowError', code: 'sink_overflow' } },
    ])
    calls[0]!.succeed()
    await settle()
    expect(turnsOf(1)).toEqual(['turn-6', 'turn-7', 'turn-8'])
    calls[1]!.succeed()
    await settle()
    expect(failuresIn(runtime)).toEqual([
      {
        sessionId: null,
        component: 'usage_sink',
        sink: 'db',
        error: { name: 'SinkOverflowError', code: 'sink_overflow' },
        dropped: 4,
      },
    ])
    expect(warnings).toHaveLength(1)
    expect(runtime.sinks.status()).toMatchObject([{ queued: 0, delivered: 4, dropped: 4 }])
  })

  it('is reported again when it happens again', async () => {
    const { sink, calls } = createDestination({ maxQueued: 1 })
    const { runTurns, runtime, warnings } = await createWriter([sink])
    for (const round of [0, 1]) {
      await runTurns(1)
      await settle()
      await runTurns(3)
      calls[2 * round]!.succeed()
      await settle()
      calls[2 * round + 1]!.succeed()
      await settle()
    }
    expect(failuresIn(runtime).map(({ dropped }) => dropped)).toEqual([2, 2])
    expect(warnings).toHaveLength(2)
  })

  it('is one episode until half of it is empty', async () => {
    const { sink, calls } = createDestination({ maxQueued: 4, maxBatch: 1 })
    const { runTurns, runtime } = await createWriter([sink])
    await runTurns(1)
    await settle()
    await runTurns(5)
    calls[0]!.succeed()
    await settle()
    await runTurns(2)
    expect(failuresIn(runtime)).toEqual([])
    for (let call = 1; call < 6; call += 1) {
      calls[call]?.succeed()
      await settle()
    }
    expect(failuresIn(runtime).map(({ dropped }) => dropped)).toEqual([2])
  })

  it('keeps the last 10,000 when it does not say how many [SINK-1]', async () => {
    const { sink, calls } = createDestination()
    const { runtime } = createTestRuntime({}, { sinks: [{ ...sink, wants: ['fact'] }] })
    await settle()
    const breaker = runtime.configureBreaker({ name: 'api' })
    for (let fact = 1; fact < 10_007; fact += 1) breaker.recordSuccess()
    expect(calls).toHaveLength(1)
    expect(runtime.sinks.status()).toMatchObject([{ queued: 10_000 + calls[0]!.items.length, dropped: 7 }])
  })
})

describe('a bad sink', () => {
  it.each([
    ['sinks[0].batch', { batch: 'insert' }],
    ['sinks[0].event', { event: true }],
    ['sinks[0].wants', { wants: [] }],
    ['sinks[0].wants[1]', { wants: ['usage', 'events'] }],
    ['sinks[0].maxBatch', { maxBatch: 0 }],
    ['sinks[0].maxQueued', { maxQueued: 1.5 }],
    ['sinks[0].retries', { retries: -1 }],
    ['sinks[0].retryDelayMs', { retryDelayMs: Infinity }],
    ['sinks[0]', { name: ' ' }],
  ])('is refused, and %s is named', (field, settings) => {
    const sink = { name: 'bad', batch: () => undefined, ...settings } as never
    expect(() => createTestRuntime({}, { sinks: [sink] })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
