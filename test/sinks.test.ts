import { describe, expect, it } from 'vitest'
import {
  agentEvents,
  createAgentEvent,
  createConsoleSink,
  createFanOutSink,
  createRingBufferSink,
  type Sink,
} from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

describe('sinks', () => {
  it('are told of events and usage as they happen [SINK-2, EVT-1]', async () => {
    const ring = createRingBufferSink()
    const { orchestrator, runtime } = createTestRuntime({ projectId: 0 }, { sinks: [ring] })
    await orchestrator.session(async (session) => {
      await session.runTurn(() => 1, DRAFT)
      await session.runTool('lookup', () => 1)
    })
    expect(ring.events().map(({ event, role, projectId, sessionId }) => [event, role, projectId, sessionId])).toEqual([
      ['agent.started', 'writer', 0, 'session-1'],
      ['agent.tool_called', 'writer', 0, 'session-1'],
      ['agent.tool_completed', 'writer', 0, 'session-1'],
      ['agent.completed', 'writer', 0, 'session-1'],
    ])
    expect(ring.usageRecords()).toMatchObject([{ turnId: 'turn-1', model: 'your-model', costUsd: 0.033, priced: true }])
    expect(agentEvents(runtime.log.facts())).toEqual(ring.events())
  })

  it('that throw are reported in the log, and break neither session nor other sinks [SINK-5]', async () => {
    const ring = createRingBufferSink()
    const broken: Sink = {
      name: 'broken',
      event: () => {
        throw new RangeError('disk full')
      },
      usage: () => {
        throw new TypeError('no table')
      },
    }
    const { orchestrator, sessionFacts } = createTestRuntime({}, { sinks: [broken, ring] })
    await expect(orchestrator.session((session) => session.runTurn(() => 'fine', DRAFT))).resolves.toMatchObject({
      value: 'fine',
    })
    expect(sessionFacts().filter((type) => type !== 'sinks/failed')).toEqual([
      'sessions/opened',
      'turns/started',
      'turns/completed',
      'sessions/completed',
    ])
    expect(sessionFacts().filter((type) => type === 'sinks/failed')).toHaveLength(4)
    expect(ring.events().map(({ event, data }) => [event, data])).toEqual([
      ['agent.started', undefined],
      ['agent.failed', { component: 'usage_sink', errorType: 'TypeError' }],
      ['agent.completed', undefined],
    ])
  })

  it('hear of all facts in the order of the log, and stay in it when an earlier sink throws [SINK-2]', async () => {
    const heard: number[] = []
    const broken: Sink = {
      name: 'broken',
      fact: () => {
        throw new Error('down')
      },
    }
    const { orchestrator, runtime } = createTestRuntime(
      {},
      { sinks: [broken, { name: 'ears', fact: ({ meta }) => void heard.push(meta.seq) }] },
    )
    await orchestrator.session(() => 1)
    const told = runtime.log.facts().filter(({ type }) => type !== 'sinks/failed')
    expect(heard).toEqual(told.map(({ meta }) => meta.seq))
    expect(runtime.log.facts().filter(({ type }) => type === 'sinks/failed')).toHaveLength(told.length)
  })

  it('may use the runtime while they are told [SINK-2]', async () => {
    const gates: unknown[] = []
    let open = (): void => undefined
    const curious: Sink = { name: 'curious', event: () => open() }
    const { orchestrator, runtime } = createTestRuntime({ qualityGate: 'strict' }, { sinks: [curious] })
    const session = await orchestrator.open()
    open = () => {
      open = () => undefined
      gates.push(session.evaluateGate('release'), runtime.select.summary(session.id).gates.passed)
    }
    await session.runTool('lookup', () => 1)
    expect(gates).toEqual([{ satisfied: true, required: 'strict', observed: 'release' }, 1])
  })
})

describe('a ring buffer', () => {
  it('keeps the latest, oldest first [SINK-12]', () => {
    const ring = createRingBufferSink({ capacity: 3 })
    for (const detail of ['a', 'b', 'c', 'd', 'e'])
      ring.event?.(createAgentEvent({ event: 'agent.ready', status: 'ready', detail }))
    expect(ring.events().map(({ detail }) => detail)).toEqual(['c', 'd', 'e'])
  })

  it.each([0, -1, 1.5, NaN, '3'])('of capacity %s is refused', (capacity) => {
    expect(() => createRingBufferSink({ capacity: capacity as number })).toThrow(
      expect.objectContaining({ field: 'capacity', value: capacity }),
    )
  })
})

describe('the options of a sink that is built in', () => {
  it.each<[string, (options: never) => Sink, object]>([
    ['capcity', createRingBufferSink, { capcity: 3 }],
    ['name', createRingBufferSink, { name: '' }],
    ['writer', createConsoleSink, { writer: console.log }],
    ['write', createConsoleSink, { write: 'stdout' }],
    ['suppress', (options) => createFanOutSink([], options), { suppress: true }],
    ['suppressErrors', (options) => createFanOutSink([], options), { suppressErrors: 'yes' }],
  ])('are refused for a bad %s', (field, create, options) => {
    expect(() => create(options as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('the console sink', () => {
  it('writes a line per event and per turn [SINK-12]', async () => {
    const lines: string[] = []
    const { orchestrator } = createTestRuntime(
      {},
      { sinks: [createConsoleSink({ write: (line) => lines.push(line) })] },
    )
    await rejection(
      orchestrator.session(async (session) => {
        await session.runTurn(() => 1, DRAFT)
        await session.runTurn(() => 1, { model: 'mystery', usage: { inputTokens: 1 } })
        throw new Error('boom')
      }),
    )
    expect(lines).toEqual([
      'session-1 writer agent.started running',
      'session-1 writer turn-1 your-model: 5000 in, 1200 out, $0.03',
      'session-1 writer turn-2 mystery: 1 in, 0 out, unpriced',
      'session-1 writer agent.failed failed (llm_error) Error raised',
    ])
  })
})

describe('an agent event', () => {
  it('carries the last part of its name as its type [EVT-1]', () => {
    expect(createAgentEvent({ event: 'agent.recovery.attempted', status: 'running' }).type).toBe('attempted')
  })

  it.each([
    ['event', { event: 'agent.exploded', status: 'running' }],
    ['status', { event: 'agent.ready', status: 'fine' }],
    ['role', { event: 'agent.ready', status: 'ready', role: ' ' }],
    ['projectId', { event: 'agent.ready', status: 'ready', projectId: -1 }],
    ['failureClass', { event: 'agent.failed', status: 'failed' }],
    ['status', { event: 'agent.failed', status: 'cancelled', failureClass: 'llm_error' }],
  ])('with a bad %s is refused [EVT-3]', (field, event) => {
    expect(() => createAgentEvent(event as never)).toThrow(expect.objectContaining({ field }))
  })
})
