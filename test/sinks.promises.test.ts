import { describe, expect, it } from 'vitest'
import { facts, type AgentRuntime, type Fact, type MemoryLog, type Sink } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT } from './support/runtime.js'

const failuresIn = (runtime: AgentRuntime<MemoryLog>) =>
  runtime.log
    .facts()
    .filter(facts.sinkFailed.match)
    .map(({ payload }) => payload)

describe('a sink whose methods are async', () => {
  it('does not end the process when it rejects, and is reported just as if it had thrown [SINK-5]', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const broken: Sink = {
      name: 'broken',
      usage: () => Promise.reject(Object.assign(new RangeError('password is hunter2'), { code: 'disk_full' })),
    }
    const { orchestrator, runtime } = createTestRuntime({}, { sinks: [broken] })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    await settle()
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
    expect(failuresIn(runtime)).toEqual([
      {
        sessionId: 'session-1',
        component: 'usage_sink',
        sink: 'broken',
        error: { name: 'RangeError', code: 'disk_full' },
        dropped: 1,
      },
    ])
    expect(JSON.stringify(runtime.log.facts())).not.toContain('hunter2')
  })

  it('never delays a turn [SINK-3]', async () => {
    const slow: Sink = { name: 'slow', fact: () => new Promise(() => undefined) }
    const { orchestrator, clock } = createTestRuntime({}, { sinks: [slow] })
    const { value } = await orchestrator.session((session) => session.runTurn(() => 'at once', DRAFT))
    expect(value).toBe('at once')
    expect(clock.pendingTimers).toBe(0)
  })

  it('shows what it has not settled yet as queued, and is flushed', async () => {
    const written = [deferred(), deferred()]
    let calls = 0
    const sink: Sink = { name: 'db', usage: () => written[calls++]!.promise }
    const { orchestrator, runtime, clock } = createTestRuntime({}, { sinks: [sink] })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    await clock.advance(500)
    await session.runTurn(() => 1, DRAFT)
    await clock.advance(20)
    expect(runtime.sinks.status()).toMatchObject([{ name: 'db', queued: 2, delivered: 0, lagMs: 520 }])
    let flushed = false
    const flushing = runtime.sinks.flush().then(() => (flushed = true))
    written[0]!.resolve(undefined)
    await settle()
    expect(flushed).toBe(false)
    expect(runtime.sinks.status()).toMatchObject([{ queued: 1, delivered: 1, lagMs: 20 }])
    written[1]!.reject(new TypeError('gone'))
    await flushing
    expect(runtime.sinks.status()).toEqual([
      { name: 'db', queued: 0, delivered: 1, dropped: 1, failed: 1, lagMs: 0, lastError: { name: 'TypeError' } },
    ])
  })

  it('may reject when its session is long forgotten', async () => {
    const written = deferred()
    const sink: Sink = { name: 'late', usage: () => written.promise }
    const { orchestrator, runtime } = createTestRuntime({}, { sinks: [sink], retainEndedSessions: 0 })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    expect(runtime.select.session('session-1')).toBeUndefined()
    written.reject(new Error('too late'))
    await runtime.sinks.flush()
    expect(failuresIn(runtime)).toMatchObject([{ sessionId: null, sink: 'late' }])
  })

  it('ends nothing when its failure cannot be recorded either', async () => {
    const written = deferred()
    const sink: Sink = { name: 'late', usage: () => written.promise }
    const { orchestrator, runtime, warnings } = createTestRuntime({}, { sinks: [sink] })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    Object.assign(runtime.log, {
      append: () => {
        throw new Error('the log is closed')
      },
    })
    written.reject(new RangeError('too late'))
    await runtime.sinks.flush()
    expect(warnings).toEqual(["sink 'late' failed, and that could not be recorded: RangeError"])
  })
})

describe('a failure of a sink', () => {
  it('comes to an end when every sink fails at everything, this included [SINK-8]', async () => {
    const fail = (): never => {
      throw new Error('no')
    }
    const reject = () => Promise.reject(new Error('no'))
    const sinks: Sink[] = [
      { name: 'thrower', fact: fail, event: fail, usage: fail, batch: fail, retries: 0 },
      { name: 'rejecter', fact: reject, event: reject, usage: reject, batch: reject, retries: 0 },
    ]
    const { orchestrator, runtime, clock } = createTestRuntime({}, { sinks })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    await runtime.sinks.flush()
    await settle()
    await runtime.sinks.flush()
    const recorded = runtime.log.facts().length
    await clock.advance(600_000)
    expect(runtime.log.facts()).toHaveLength(recorded)
    expect(clock.pendingTimers).toBe(0)
    expect(runtime.sinks.status().map(({ queued }) => queued)).toEqual([0, 0])
  })

  it('is told in the ways that did not fail [SINK-8]', async () => {
    const heard: string[] = []
    const broken: Sink = {
      name: 'broken',
      event: () => {
        throw new Error('no')
      },
    }
    const ears: Sink = {
      name: 'ears',
      fact: ({ type }) => heard.push(`fact ${type}`),
      event: ({ event }) => heard.push(`event ${event}`),
    }
    const { orchestrator } = createTestRuntime({}, { sinks: [broken, ears] })
    heard.length = 0
    await orchestrator.open()
    expect(heard).toEqual(['fact sessions/opened', 'event agent.started', 'fact sinks/failed'])
  })
})

describe('sinks of every kind', () => {
  it('hear of facts in the order of the log, whoever records them meanwhile [SINK-2]', async () => {
    const heard: number[] = []
    const queued: number[] = []
    let gates = 3
    let evaluate = (): void => undefined
    const seqOf = (fact: Fact): number => fact.meta.seq
    const { orchestrator, runtime } = createTestRuntime(
      { qualityGate: 'strict' },
      {
        sinks: [
          { name: 'curious', fact: () => evaluate() },
          { name: 'ears', fact: (fact) => heard.push(seqOf(fact)) },
          {
            name: 'queue',
            wants: ['fact'],
            batch: (items) => queued.push(...items.flatMap((item) => (item.kind === 'fact' ? [seqOf(item.fact)] : []))),
          },
        ],
      },
    )
    const session = await orchestrator.open()
    evaluate = () => {
      if ((gates -= 1) > 0) session.evaluateGate('release')
    }
    runtime.subscribe(() => evaluate())
    await session.runTool('lookup', () => 1)
    await runtime.sinks.flush()
    const seqs = runtime.log.facts().map(seqOf)
    expect(runtime.log.facts().filter(facts.gateEvaluated.match)).toHaveLength(2)
    expect(heard).toEqual(seqs)
    expect(queued).toEqual(seqs)
  })

  it('may be instances of classes [SINK-1]', async () => {
    class Ledger implements Sink {
      readonly name = 'ledger'
      readonly #lines: string[] = []
      get wants() {
        return ['usage'] as const
      }
      event({ event }: { event: string }): void {
        this.#lines.push(event)
      }
      async batch(items: readonly { kind: string }[]): Promise<void> {
        this.#lines.push(...items.map(({ kind }) => kind))
      }
      read(): readonly string[] {
        return this.#lines
      }
    }
    const ledger = new Ledger()
    const { orchestrator, runtime } = createTestRuntime({}, { sinks: [ledger] })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    await runtime.sinks.flush()
    expect(ledger.read()).toHaveLength(3)
    expect(ledger.read()).toEqual(expect.arrayContaining(['agent.started', 'usage', 'agent.completed']))
    expect(runtime.sinks.status()).toMatchObject([{ name: 'ledger', delivered: 3, queued: 0 }])
  })
})
