import { facts } from '../../src/index.js'

export const sessionId = 'session-1'
const breach = { limitName: 'max_tool_calls', observed: 3, ceiling: 2, scope: 'session' } as const
const steps = { recoveredSteps: ['switch_provider'], remainingSteps: ['retry_with_backoff'], reason: '' } as const
const recoveryData = { stepsTaken: 1, ...steps, scenario: 'llm_error' }
const call = { sessionId, toolCallId: 'tool-1', tool: 'search' }
const ended = { sessionId, turnId: 'turn-1', model: 'm', price: null, metered: true, admission: null }

/** A fact, and what it is told as: name, status, and what else there is besides where it comes from. */
export const told: readonly [
  draft: { type: string; payload: unknown },
  ...events: (readonly [string, string, object?])[],
][] = [
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
    facts.inputCancelled({ sessionId, requestId: 'request-1', kind: 'human_input' }),
    ['agent.ready', 'ready', { detail: 'input cancelled', data: { kind: 'human_input' } }],
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
export const untold = [
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
