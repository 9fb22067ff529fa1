import type { Fact, FactKind } from './fact.js'
import * as facts from './facts.js'
import type { FactPayload, SessionId } from './facts.js'
import { createAgentEvent, type AgentEvent } from './rules/agentEvent.js'
import type { Breach } from './rules/governance.js'
import { formatCost } from './rules/prices.js'
import { selectSession, type Session } from './sessions.js'
import { initialState, replayFact, type RuntimeState } from './state.js'

/*
 * Agent events are a projection of facts: the same facts always give the same events.
 */

type EventDraft = Pick<AgentEvent, 'event' | 'status' | 'failureClass' | 'detail' | 'data'> & {
  readonly withoutRole?: true
}

type Projector = (fact: Fact<never>) => readonly EventDraft[]

const RECOVERY_OUTCOMES = {
  recovered: { event: 'agent.recovery.succeeded', status: 'running' },
  partial_recovery: { event: 'agent.recovery.failed', status: 'failed' },
  escalation_required: { event: 'agent.recovery.escalated', status: 'failed' },
} as const

const TOLD_REFUSALS: ReadonlySet<string> = new Set([
  'budget_exceeded',
  'rate_limit_exceeded',
  'unpriced_model',
  'usage_limit_exceeded',
] satisfies FactPayload<typeof facts.turnRefused>['reason'][])

const projectors = defineProjectors((on) => {
  on(facts.sessionOpened, () => [{ event: 'agent.started', status: 'running' }])

  on(facts.sessionCompleted, ({ detail }) => [
    { event: 'agent.completed', status: 'completed', ...(detail === undefined ? {} : { detail }) },
  ])

  on(facts.sessionFailed, ({ failureClass, detail }) => [
    { event: 'agent.failed', status: failureClass === 'cancelled' ? 'cancelled' : 'failed', failureClass, detail },
  ])

  on(facts.sessionCancelled, ({ detail }) => [
    { event: 'agent.failed', status: 'cancelled', failureClass: 'cancelled', detail: detail ?? 'cancelled' },
  ])

  on(facts.handoffIssued, ({ sessionId: _, targetSessionId, ...handoff }, { meta }) => [
    {
      event: 'agent.completed',
      status: 'completed',
      detail: `handoff → ${handoff.targetRole}: ${handoff.reason}`,
      data: { handoff: { ...handoff, targetWorkerId: targetSessionId, createdAt: meta.at } },
    },
  ])

  on(facts.turnRefused, ({ reason }) =>
    TOLD_REFUSALS.has(reason)
      ? [{ event: 'agent.blocked', status: 'blocked', detail: 'turn refused', data: { kind: reason } }]
      : [],
  )

  on(facts.turnRetried, ({ attempt, steps, route }) =>
    steps.includes('switch_provider')
      ? [
          {
            event: 'agent.recovery.provider_switched',
            status: 'running',
            data: { attempt, provider: route?.provider ?? null },
          },
        ]
      : [],
  )

  on(facts.turnBlocked, ({ stage, guardrails }) => [
    {
      event: 'agent.blocked',
      status: 'blocked',
      detail: 'guardrail blocked turn',
      data: { kind: 'guardrail', stage, guardrails },
    },
  ])

  on(facts.recoveryAttempted, ({ scenario, outcome, recoveredSteps, remainingSteps, reason }) => {
    const detail = `${scenario}: ${outcome}`
    const data = { outcome, stepsTaken: recoveredSteps.length, recoveredSteps, remainingSteps, reason, scenario }
    return [
      { event: 'agent.recovery.attempted', status: 'running', detail },
      { ...RECOVERY_OUTCOMES[outcome], detail, data },
    ]
  })

  // Only an enforced budget ends a turn; a soft one is told once, when it is first exceeded.
  on(facts.budgetExceeded, ({ budgetUsd, costUsd, enforced }) => {
    const told = { detail: `budget exceeded: ${formatCost(costUsd)}`, data: { budgetUsd } }
    return enforced
      ? [{ event: 'agent.failed', status: 'failed', failureClass: 'rate_limit', ...told }]
      : [{ event: 'governance.alert', status: 'running', ...told }]
  })

  on(facts.usageLimitExceeded, ({ limitName, observed, ceiling }) => [
    {
      event: 'agent.failed',
      status: 'failed',
      failureClass: 'rate_limit',
      detail: `usage limit exceeded: ${limitName}`,
      data: { limitName, observed, ceiling },
    },
  ])

  on(facts.governanceAlerted, (breach) => [{ event: 'governance.alert', status: 'running', ...breachOf(breach) }])

  on(facts.governanceBreached, (breach) => [
    { event: 'governance.breach', status: 'failed', failureClass: 'governance_breach', ...breachOf(breach) },
  ])

  on(facts.toolStarted, ({ tool }) => [{ event: 'agent.tool_called', status: 'running', data: { tool } }])

  on(facts.toolCompleted, ({ tool }) => [{ event: 'agent.tool_completed', status: 'completed', data: { tool } }])

  on(facts.toolFailed, ({ tool }) => [
    {
      event: 'agent.failed',
      status: 'failed',
      failureClass: 'tool_error',
      detail: `tool execution failed: ${tool}`,
      data: { tool },
    },
  ])

  on(facts.toolBlocked, ({ tool, by }) => {
    const blocked = { event: 'agent.blocked', status: 'blocked', detail: `${by.kind} blocked tool call` } as const
    switch (by.kind) {
      case 'permission':
      case 'usage_limit':
        return [{ ...blocked, data: { tool, kind: by.kind } }]
      case 'guardrail':
        return [{ ...blocked, data: { tool, kind: by.kind, stage: by.stage, guardrails: by.guardrails } }]
      case 'governance':
      case 'hook':
      case 'approval':
        return []
    }
  })

  on(facts.inputRequested, ({ kind }) => [
    { event: 'agent.blocked', status: 'blocked', detail: 'waiting for input', data: { kind } },
  ])

  on(facts.inputProvided, ({ kind }) => [
    { event: 'agent.ready', status: 'ready', detail: 'input received', data: { kind } },
  ])

  on(facts.inputExpired, ({ kind }) => [
    { event: 'agent.ready', status: 'ready', detail: 'input expired', data: { kind } },
  ])

  on(facts.inputCancelled, ({ kind }) => [
    { event: 'agent.ready', status: 'ready', detail: 'input cancelled', data: { kind } },
  ])

  on(facts.approvalRequested, ({ requestId, tool }) => [
    {
      event: 'agent.blocked',
      status: 'blocked',
      detail: 'waiting for approval',
      data: { kind: 'approval', tool, requestId },
    },
  ])

  on(facts.approvalResolved, ({ requestId, decision }) => [
    {
      event: 'agent.ready',
      status: 'ready',
      detail: `approval ${decision}`,
      data: { kind: 'approval', requestId, decision },
    },
  ])

  on(facts.gateEvaluated, ({ observed, satisfied }) => [
    {
      event: satisfied ? 'phase.gate_passed' : 'phase.gate_failed',
      status: satisfied ? 'green' : 'red',
      detail: `observed=${observed ?? 'none'}`,
      withoutRole: true,
    },
  ])

  on(facts.sinkFailed, ({ component, error }) => [
    {
      event: 'agent.failed',
      status: 'failed',
      failureClass: 'dependency_failed',
      detail: `${component} failed; session continued`,
      data: { component, errorType: error.name },
    },
  ])
})

/**
 * The events that one fact is told as.
 *
 * @param state - The state after the fact, or any later one that still holds the session.
 */
export function projectEvents(fact: Fact, state: RuntimeState): readonly AgentEvent[] {
  const projector = projectors.get(fact.type)
  if (!projector) return []
  const { sessionId } = fact.payload as { readonly sessionId: SessionId | null }
  const session = sessionId === null ? undefined : selectSession(state, sessionId)
  return projector(fact as Fact<never>).map((draft) => complete(draft, fact, session))
}

/** All events of a log, in order. */
export function agentEvents(log: Iterable<Fact>): readonly AgentEvent[] {
  let state = initialState
  const events: AgentEvent[] = []
  for (const fact of log) {
    state = replayFact(state, fact)
    events.push(...projectEvents(fact, state))
  }
  return events
}

function complete({ withoutRole, ...draft }: EventDraft, fact: Fact, session: Session | undefined): AgentEvent {
  return createAgentEvent({
    ...draft,
    ...(session && {
      ...(withoutRole ? {} : { role: session.role }),
      phase: session.phase,
      ...(session.projectId === null ? {} : { projectId: session.projectId }),
      sessionId: session.id,
    }),
    seq: fact.meta.seq,
    at: fact.meta.at,
  })
}

function breachOf({ limitName, observed, ceiling, scope }: Breach): Pick<EventDraft, 'detail' | 'data'> {
  return { detail: `${limitName}: ${observed} > ${ceiling}`, data: { limitName, observed, ceiling, scope } }
}

type OnFact = <Payload>(
  kind: FactKind<Payload>,
  projector: (payload: Payload, fact: Fact<Payload>) => readonly EventDraft[],
) => void

function defineProjectors(define: (on: OnFact) => void): ReadonlyMap<string, Projector> {
  const projectors = new Map<string, Projector>()
  define((kind, projector) => projectors.set(kind.type, (fact) => projector(fact.payload, fact)))
  return projectors
}
