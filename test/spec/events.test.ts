import { describe, expect, it } from 'vitest'
import { projectEvents } from '../../slices/agentEvents.js'
import {
  agentEvents,
  AGENT_EVENT_NAMES,
  AGENT_EVENT_STATUSES,
  type AgentEvent,
  type UsageRecord,
} from '../../src/index.js'
import { createTestRuntime, DRAFT, rejection } from '../support/runtime.js'
import { sessionId, told, untold } from './toldEvents.js'

describe('the events of a fact', () => {
  async function project(draft: { readonly type: string; readonly payload: unknown }) {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 7 })
    await orchestrator.open()
    return projectEvents({ ...draft, meta: { seq: 9, at: 5, stream: '@session-1', v: 1 } }, runtime.getState())
  }

  it.each(told)('%o are the ones of the table [EVT-4]', async (draft, ...events) => {
    const source = { role: 'writer', phase: 'draft', projectId: 7, sessionId, seq: 9, at: 5 } as const
    const expected = events.map(([event, status, more]) => {
      const type = event.slice(event.lastIndexOf('.') + 1)
      const fields = Object.entries<unknown>({ event, type, status, ...source, ...more })
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
    })
    expect(await project(draft)).toStrictEqual(expected)
  })

  it.each(untold)('$type are none [EVT-5]', async (draft) => expect(await project(draft)).toEqual([]))

  it('of a handoff name who passes what on to whom [EVT-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    await orchestrator.session((session) => session.handoffTo('editor', { reason: 'review', context: { n: 1 } }))
    expect(agentEvents(runtime.log.facts()).at(-1)).toMatchObject({
      event: 'agent.completed',
      status: 'completed',
      detail: 'handoff → editor: review',
      data: {
        handoff: {
          ...{ sourceRole: 'writer', targetRole: 'editor', phase: 'draft', projectId: null },
          ...{ reason: 'review', context: { n: 1 }, targetWorkerId: 'session-2', createdAt: 1_000 },
        },
      },
    })
  })

  it('of a provider that was switched say which one is next [EVT-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      providers: { name: 'llm', kind: 'static', providers: ['a', 'b'] },
      recovery: { mode: 'execute', backoff: { jitter: 'none', baseMs: 1 } },
    })
    const session = await orchestrator.open()
    const down = Object.assign(new Error('down'), { status: 500, headers: { 'retry-after-ms': '0' } })
    await session.runTurn(({ provider }) => {
      if (provider === 'a') throw down
      return provider
    })
    expect(agentEvents(runtime.log.facts()).at(-1)).toMatchObject({
      event: 'agent.recovery.provider_switched',
      status: 'running',
      data: { attempt: 2, provider: 'b' },
    })
  })
})

describe('agent events', () => {
  it('have these names and these statuses [EVT-2]', () => {
    expect([AGENT_EVENT_NAMES.length, AGENT_EVENT_STATUSES.length]).toEqual([23, 8])
    expect(AGENT_EVENT_NAMES.filter((name) => !name.startsWith('agent.'))).toEqual([
      'phase.started',
      'phase.completed',
      'phase.gate_evaluated',
      'phase.gate_passed',
      'phase.gate_failed',
      'hook.pre_tool',
      'hook.post_tool',
      'governance.breach',
      'governance.alert',
      'oversight.review_requested',
      'oversight.review_resolved',
    ])
    expect(AGENT_EVENT_STATUSES.join(' ')).toBe('running ready blocked green red completed failed cancelled')
  })

  it('hold nothing of what was asked, answered or said by errors [EVT-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const running = orchestrator.session(async (session) => {
      await session.runTurn(() => 'SECRET answer', { ...DRAFT, input: 'SECRET prompt' })
      await session.runTool('search', () => 'SECRET result', { args: { query: 'SECRET' } })
      await rejection(session.runTool('search', () => Promise.reject(new Error('SECRET message'))))
      const answer = session.pauseForInput('SECRET question')
      session.provideInput('SECRET answer')
      await answer
      throw new Error('SECRET')
    })
    await rejection(running)
    const events = agentEvents(runtime.log.facts())
    expect(events.length).toBeGreaterThan(6)
    expect(JSON.stringify(events)).not.toContain('SECRET')
  })
})

describe('a usage record', () => {
  it('tells what each call used, answered or not [SINK-13]', async () => {
    const records: UsageRecord[] = []
    const events: AgentEvent[] = []
    const sink = {
      name: 'records',
      usage: (record: UsageRecord) => void records.push(record),
      event: (event: AgentEvent) => void events.push(event),
    }
    const { orchestrator } = createTestRuntime({ projectId: 3 }, { sinks: [sink] })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    await session.runTurn(() => 1, { model: 'mystery', usage: { inputTokens: 1 } })
    await session.runTurn(() => 1)
    const failing = session.runTurn(({ reportUsage }) => {
      reportUsage({ outputTokens: 2 })
      throw new Error('boom')
    })
    await rejection(failing)
    await rejection(session.runTurn(() => Promise.reject(new Error('boom'))))
    expect(records.map(({ turnId, model, costUsd, priced }) => [turnId, model, costUsd, priced])).toEqual([
      ['turn-1', 'your-model', 0.033, true],
      ['turn-2', 'mystery', 0, false],
      ['turn-4', null, 0, false],
    ])
    expect(records[0]).toMatchObject({ sessionId, role: 'writer', projectId: 3, at: 1_000 })
    expect(events[0]?.event).toBe('agent.started')
  })
})
