import { describe, expect, it } from 'vitest'
import { projectEvents } from '../../slices/agentEvents.js'
import {
  agentEvents,
  AGENT_EVENT_NAMES,
  AGENT_EVENT_STATUSES,
  facts,
  type AgentEvent,
  type UsageRecord,
} from '../../src/index.js'
import { createTestRuntime, DRAFT, rejection } from '../support/runtime.js'

const sessionId = 'session-1'
const breach = { limitName: 'max_tool_calls', observed: 3, ceiling: 2, scope: 'session' } as const
const steps = { recoveredSteps: ['switch_provider'], remainingSteps: ['retry_with_backoff'], reason: '' } as const
const recoveryData = { stepsTaken: 1, ...steps, scenario: 'llm_error' }
const call = { sessionId, toolCallId: 'tool-1', tool: 'search' }
const ended = { sessionId, turnId: 'turn-1', model: 'm', price: null, metered: true, admission: null }

/** A fact, and what it is told as: name, status, and what else there is besides where it comes from. */
const told: readonly [draft: { type: string; payload: unknown }, ...events: (readonly [string, string, object?])[]][] =
  [
    [facts.sessionCompleted({ sessionId }), ['agent.completed', 'completed']],
    [facts.sessionCompleted({ sessionId, detail: 'done' }), ['agent.completed', 'completed', { detail: 'done' }]],
    [
      facts.sessionFailed({ sessionId, failureClass: 'llm_error', detail: 'Error raised' }),
      ['agent.failed', 'failed', { failureClass: 'llm_error', detail: 'Error raised' }],
    ],
    [
      facts.sessionFailed({ sessionId, failureClass: 'cancelled', detail: 'x' }),
      ['agent.failed', 'cancelled', { failureClass: 'cancelled', detail: 'x' }],
    ],
    [
      facts.sessionCancelled({ sessionId }),
      ['agent.failed', 'cancelled', { failureClass: 'cancelled', detail: 'cancelled' }],
    ],
    [
      facts.turnRefused({ sessionId, model: null, reason: 'unpriced_model' }),
      ['agent.blocked', 'blocked', { detail: 'turn refused', data: { kind: 'unpriced_model' } }],
    ],
    [facts.turnRefused({ sessionId, model: null, reason: 'circuit_open' })],
    [facts.turnRefused({ sessionId, model: null, reason: 'max_iterations_exceeded' })],
    [
      facts.turnBlocked({ sessionId, turnId: null, stage: 'pre', guardrails: ['g'] }),
      [
        'agent.blocked',
        'blocked',
        { detail: 'guardrail blocked turn', data: { kind: 'guardrail', stage: 'pre', guardrails: ['g'] } },
      ],
    ],
    [
      facts.recoveryAttempted({ sessionId, callId: 'turn-1', scenario: 'llm_error', outcome: 'recovered', ...steps }),
      ['agent.recovery.attempted', 'running', { detail: 'llm_error: recovered' }],
      [
        'agent.recovery.succeeded',
        'running',
        { detail: 'llm_error: recovered', data: { outcome: 'recovered', ...recoveryData } },
      ],
    ],
    [
      facts.recoveryAttempted({
        ...{ sessionId, callId: 'turn-1', scenario: 'llm_error' },
        ...{ outcome: 'partial_recovery', ...steps },
      }),
      ['agent.recovery.attempted', 'running', { detail: 'llm_error: partial_recovery' }],
      [
        'agent.recovery.failed',
        'failed',
        { detail: 'llm_error: partial_recovery', data: { outcome: 'partial_recovery', ...recoveryData } },
      ],
    ],
    [
      facts.recoveryAttempted({
        ...{ sessionId, callId: 'turn-1', scenario: 'llm_error' },
        ...{ outcome: 'escalation_required', ...steps },
      }),
      ['agent.recovery.attempted', 'running', { detail: 'llm_error: escalation_required' }],
      [
        'agent.recovery.escalated',
        'failed',
        { detail: 'llm_error: escalation_required', data: { outcome: 'escalation_required', ...recoveryData } },
      ],
    ],
    [
      facts.budgetExceeded({ sessionId, budgetUsd: 0.5, costUsd: 0.75, enforced: true }),
      [
        'agent.failed',
        'failed',
        { failureClass: 'rate_limit', detail: 'budget exceeded: $0.75', data: { budgetUsd: 0.5 } },
      ],
    ],
    [
      facts.budgetExceeded({ sessionId, budgetUsd: 0.5, costUsd: 0.75, enforced: false }),
      ['governance.alert', 'running', { detail: 'budget exceeded: $0.75', data: { budgetUsd: 0.5 } }],
    ],
    [
      facts.usageLimitExceeded({ sessionId, limitName: 'total_tokens', observed: 11, ceiling: 10 }),
      [
        'agent.failed',
        'failed',
        {
          failureClass: 'rate_limit',
          detail: 'usage limit exceeded: total_tokens',
          data: { limitName: 'total_tokens', observed: 11, ceiling: 10 },
        },
      ],
    ],
    [
      facts.governanceAlerted({ sessionId, ...breach }),
      ['governance.alert', 'running', { detail: 'max_tool_calls: 3 > 2', data: breach }],
    ],
    [
      facts.governanceBreached({ sessionId, ...breach }),
      [
        'governance.breach',
        'failed',
        { failureClass: 'governance_breach', detail: 'max_tool_calls: 3 > 2', data: breach },
      ],
    ],
    [
      facts.toolStarted({ ...call, fingerprint: null, timeoutMs: null, idempotent: false }),
      ['agent.tool_called', 'running', { data: { tool: 'search' } }],
    ],
    [facts.toolCompleted(call), ['agent.tool_completed', 'completed', { data: { tool: 'search' } }]],
    [
      facts.toolFailed({ ...call, error: { name: 'Error' } }),
      [
        'agent.failed',
        'failed',
        { failureClass: 'tool_error', detail: 'tool execution failed: search', data: { tool: 'search' } },
      ],
    ],
    [
      facts.toolBlocked({ ...call, toolCallId: null, by: { kind: 'permission', reason: 'no' } }),
      [
        'agent.blocked',
        'blocked',
        { detail: 'permission blocked tool call', data: { tool: 'search', kind: 'permission' } },
      ],
    ],
    [
      facts.toolBlocked({ ...call, by: { kind: 'guardrail', stage: 'post', guardrails: ['g'] } }),
      [
        'agent.blocked',
        'blocked',
        {
          detail: 'guardrail blocked tool call',
          data: { tool: 'search', kind: 'guardrail', stage: 'post', guardrails: ['g'] },
        },
      ],
    ],
    [
      facts.toolBlocked({ ...call, toolCallId: null, by: { kind: 'usage_limit' } }),
      [
        'agent.blocked',
        'blocked',
        { detail: 'usage_limit blocked tool call', data: { tool: 'search', kind: 'usage_limit' } },
      ],
    ],
    [facts.toolBlocked({ ...call, toolCallId: null, by: { kind: 'hook' } })],
    [facts.toolBlocked({ ...call, toolCallId: null, by: { kind: 'governance' } })],
    [facts.toolBlocked({ ...call, toolCallId: null, by: { kind: 'approval' } })],
    [
      facts.inputRequested({
        sessionId,
        requestId: 'request-1',
        prompt: 'sure?',
        kind: 'human_input',
        timeoutMs: null,
      }),
      ['agent.blocked', 'blocked', { detail: 'waiting for input', data: { kind: 'human_input' } }],
    ],
    [
      facts.inputProvided({ sessionId, requestId: 'request-1', kind: 'human_input', value: 'secret' }),
      ['agent.ready', 'ready', { detail: 'input received', data: { kind: 'human_input' } }],
    ],
    [
      facts.inputExpired({ sessionId, requestId: 'request-1', kind: 'escalation' }),
      ['agent.ready', 'ready', { detail: 'input expired', data: { kind: 'escalation' } }],
    ],
    [
      facts.approvalRequested({
        ...{ sessionId, requestId: 'request-1', tool: 'search' },
        ...{ fingerprint: null, preview: 'secret', timeoutMs: null },
      }),
      [
        'agent.blocked',
        'blocked',
        { detail: 'waiting for approval', data: { kind: 'approval', tool: 'search', requestId: 'request-1' } },
      ],
    ],
    [
      facts.approvalResolved({ sessionId, requestId: 'request-1', fingerprint: null, decision: 'rejected' }),
      [
        'agent.ready',
        'ready',
        {
          detail: 'approval rejected',
          data: { kind: 'approval', requestId: 'request-1', decision: 'rejected' },
        },
      ],
    ],
    [
      facts.gateEvaluated({ sessionId, required: 'strict', observed: 'release', satisfied: true }),
      ['phase.gate_passed', 'green', { detail: 'observed=release', role: undefined }],
    ],
    [
      facts.gateEvaluated({ sessionId, required: 'strict', observed: null, satisfied: false }),
      ['phase.gate_failed', 'red', { detail: 'observed=none', role: undefined }],
    ],
    [
      facts.sinkFailed({ sessionId, component: 'event_sink', sink: 's', error: { name: 'TypeError' }, dropped: 1 }),
      [
        'agent.failed',
        'failed',
        {
          failureClass: 'dependency_failed',
          detail: 'event_sink failed; session continued',
          data: { component: 'event_sink', errorType: 'TypeError' },
        },
      ],
    ],
  ]

/** Facts of a session that are told to nobody. */
const untold = [
  facts.turnStarted({ ...ended, route: null, timeoutMs: null, reservedUsd: 0 }),
  facts.turnCompleted({ ...ended, usage: {} as never }),
  facts.turnCancelled({ ...ended, usage: {} as never, by: 'abort' }),
  facts.toolCancelled(call),
  facts.policyEvaluated({ sessionId, context: {} as never, fired: ['x'], actions: [] }),
  facts.sessionParked({ sessionId }),
  facts.limitsRaised({ sessionId, limits: {} }),
  facts.failuresCleared({ sessionId }),
  facts.sessionsEvicted({ sessionIds: [sessionId] }),
]

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
