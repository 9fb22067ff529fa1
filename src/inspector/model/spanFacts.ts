import type { Fact, FactKind } from '../../../slices/fact.js'
import * as facts from '../../../slices/facts.js'
import type { ToolBlock, TurnEnded } from '../../../slices/facts.js'
import type { Breach } from '../../../slices/rules/governance.js'
import { formatCost } from '../../../slices/rules/prices.js'
import type { Calls } from './calls.js'
import type { SpanStatus } from './span.js'
import type { Moment, SpanList } from './spanList.js'

/** What becomes longer with each fact. */
export interface Axis {
  readonly spans: SpanList
  readonly calls: Calls
  /** Until when its process is known to have run, since the start of the session. Before the fact, when that was found by the next one. */
  readonly aliveMs: number
}

type Answer = (payload: never, at: Moment, axis: Axis) => void

const answers = define((on) => {
  on(facts.turnStarted, ({ turnId, model, route }, at, { spans }) => {
    const label = [turnId, model, route?.provider].filter(Boolean).join(' · ')
    spans.begin(at, { id: turnId, kind: 'turn', label })
  })
  on(facts.turnCompleted, (ended, at, axis) => endTurn(ended, 'completed', null, at, axis))
  on(facts.turnFailed, (ended, at, axis) => endTurn(ended, 'failed', ended.failureClass, at, axis))
  on(facts.turnCancelled, (ended, at, axis) =>
    ended.by === 'process_ended'
      ? endTurn(ended, 'interrupted', PROCESS_ENDED, lastSign(at, axis), axis)
      : endTurn(ended, 'cancelled', ended.by, at, axis),
  )
  on(facts.turnAttemptFailed, (ended, at, { calls }) => {
    calls.pay(ended)
    calls.failAttempt(at, ended.turnId, ended.attempt, ended.scenario)
  })
  on(facts.turnRetried, ({ turnId, attempt }, at, { calls }) => calls.retry(at, turnId, attempt))
  on(facts.turnBlocked, ({ turnId, stage, guardrails }, at, { spans }) => {
    const detail = `guardrail ${stage}: ${guardrails.join(', ')}`
    if (turnId === null) spans.tell(at, { id: idOf(at), kind: 'turn', status: 'blocked', label: 'turn', detail })
    else spans.change(turnId, { status: 'blocked', detail })
  })
  on(facts.turnRefused, ({ model, reason }, at, { spans }) =>
    spans.tell(at, {
      id: idOf(at),
      kind: 'turn',
      status: 'refused',
      label: model === null ? 'turn' : `turn · ${model}`,
      detail: reason,
    }),
  )
  on(facts.turnReplayed, ({ key, original }, at, { spans }) =>
    spans.tell(at, {
      id: idOf(at),
      kind: 'turn',
      status: 'replayed',
      label: `turn · ${key}`,
      detail: `answered by ${original.sessionId} ${original.turnId}`,
    }),
  )
  on(facts.recoveryAttempted, ({ callId, scenario, outcome, recoveredSteps, remainingSteps }, at, { calls }) => {
    const left = remainingSteps.length > 0 ? [`left: ${remainingSteps.join(', ')}`] : []
    const detail = [outcome, ...recoveredSteps, ...left].join(', ')
    calls.recover(at, callId, { status: RECOVERED[outcome], label: scenario, detail })
  })

  on(facts.toolStarted, ({ toolCallId, tool }, at, { spans }) =>
    spans.begin(at, { id: toolCallId, kind: 'tool', label: `${toolCallId} · ${tool}` }),
  )
  on(facts.toolCompleted, ({ toolCallId }, at, { calls }) => calls.end(at, toolCallId, 'completed', null))
  on(facts.toolFailed, ({ toolCallId, error }, at, { calls }) => calls.end(at, toolCallId, 'failed', error.name))
  on(facts.toolCancelled, ({ toolCallId }, at, { calls }) => calls.end(at, toolCallId, 'cancelled', null))
  on(facts.toolInterrupted, ({ toolCallId }, at, axis) =>
    axis.calls.end(lastSign(at, axis), toolCallId, 'interrupted', PROCESS_ENDED),
  )
  on(facts.toolAttemptFailed, ({ toolCallId, attempt, error }, at, { calls }) =>
    calls.failAttempt(at, toolCallId, attempt, error.name),
  )
  on(facts.toolRetried, ({ toolCallId, attempt }, at, { calls }) => calls.retry(at, toolCallId, attempt))
  on(facts.toolBlocked, ({ toolCallId, tool, by }, at, { spans, calls }) => {
    const status = RULES.includes(by.kind) ? 'refused' : 'blocked'
    if (toolCallId !== null) calls.end(at, toolCallId, status, blockedBy(by))
    else spans.tell(at, { id: idOf(at), kind: 'tool', status, label: tool, detail: blockedBy(by) })
  })

  on(facts.inputRequested, ({ requestId, kind }, at, { spans }) => {
    const label = kind === 'escalation' ? 'a decision' : 'a question'
    spans.begin(at, { id: requestId, kind: 'input', status: 'waiting', label: `${requestId} · ${label}` })
  })
  on(facts.inputProvided, ({ requestId }, at, { spans }) => spans.end(at, requestId, 'completed', 'answered'))
  on(facts.inputExpired, ({ requestId }, at, { spans }) => spans.end(at, requestId, 'expired', 'nobody answered'))
  on(facts.inputCancelled, ({ requestId }, at, { spans }) => spans.end(at, requestId, 'cancelled'))
  on(facts.approvalRequested, ({ requestId, tool }, at, { spans }) =>
    spans.begin(at, { id: requestId, kind: 'approval', status: 'waiting', label: `${requestId} · ${tool}` }),
  )
  on(facts.approvalResolved, ({ requestId, decision }, at, { spans }) =>
    spans.end(at, requestId, DECIDED[decision], decision),
  )

  on(facts.gateEvaluated, ({ required, observed, satisfied }, at, { spans }) => {
    const status = satisfied ? 'completed' : 'failed'
    spans.tell(at, { id: idOf(at), kind: 'gate', status, label: required, detail: `${observed ?? 'nothing'} observed` })
  })
  on(facts.policyEvaluated, ({ fired, actions }, at, { spans }) => {
    const detail = actions.map(({ action }) => action).join(', ') || null
    spans.tell(at, {
      id: idOf(at),
      kind: 'policy',
      status: 'completed',
      label: fired.join(', ') || 'none fired',
      detail,
    })
  })
  on(facts.handoffIssued, ({ sessionId, targetSessionId, sourceRole, targetRole }, at, { spans }) => {
    const isSource = spans.sessionId === sessionId
    const [label, detail] = isSource ? [`to ${targetRole}`, targetSessionId] : [`from ${sourceRole}`, sessionId]
    spans.tell(at, { id: idOf(at), kind: 'handoff', status: 'completed', label, detail })
  })
  on(facts.sessionParked, (_, at, axis) =>
    axis.spans.begin(lastSign(at, axis), { id: 'parked', kind: 'parked', status: 'parked', label: 'parked' }),
  )
  on(facts.sessionResumed, ({ orchestratorId }, at, { spans }) =>
    spans.end(at, 'parked', 'completed', `taken up by ${orchestratorId}`),
  )

  on(facts.budgetExceeded, ({ budgetUsd, costUsd, enforced }, at, { spans }) =>
    spans.tell(at, {
      id: idOf(at),
      kind: 'limit',
      status: enforced ? 'failed' : 'warned',
      label: 'budget exceeded',
      detail: `${formatCost(costUsd)} of ${formatCost(budgetUsd)}`,
    }),
  )
  on(facts.usageLimitExceeded, ({ limitName, observed, ceiling }, at, { spans }) =>
    spans.tell(at, {
      id: idOf(at),
      kind: 'limit',
      status: 'failed',
      label: limitName,
      detail: `${observed} > ${ceiling}`,
    }),
  )
  on(facts.governanceAlerted, (breach, at, { spans }) =>
    spans.tell(at, { id: idOf(at), kind: 'limit', status: 'warned', ...breachOf(breach) }),
  )
  on(facts.governanceBreached, (breach, at, { spans }) =>
    spans.tell(at, { id: idOf(at), kind: 'limit', status: 'failed', ...breachOf(breach) }),
  )
  on(facts.limitsRaised, ({ limits }, at, { spans }) =>
    spans.tell(at, {
      id: idOf(at),
      kind: 'limit',
      status: 'completed',
      label: 'limits raised',
      detail: Object.keys(limits).join(', '),
    }),
  )
})

/** Adds what a fact of the session says to its spans. */
export function addToSpans({ type, payload }: Fact, at: Moment, axis: Axis): void {
  answers.get(type)?.(payload as never, at, axis)
}

const RECOVERED = {
  recovered: 'completed',
  partial_recovery: 'warned',
  escalation_required: 'failed',
} as const

const DECIDED = {
  approved: 'completed',
  edited: 'completed',
  rejected: 'blocked',
  expired: 'expired',
  cancelled: 'cancelled',
} as const

const RULES: readonly ToolBlock['kind'][] = ['permission', 'usage_limit', 'governance']

function idOf({ seq }: Moment): string {
  return `fact-${seq}`
}

function endTurn(ended: TurnEnded, status: SpanStatus, detail: string | null, at: Moment, { calls }: Axis): void {
  calls.pay(ended)
  calls.end(at, ended.turnId, status, detail)
}

const PROCESS_ENDED = 'its process ended'

/** Nobody knows when a process ended: the fact was recorded when the next one opened the log. */
function lastSign({ seq }: Moment, { aliveMs }: Axis): Moment {
  return { seq, ms: aliveMs }
}

function blockedBy(by: ToolBlock): string {
  switch (by.kind) {
    case 'permission':
      return by.reason
    case 'guardrail':
      return `guardrail ${by.stage}: ${by.guardrails.join(', ')}`
    default:
      return by.kind
  }
}

function breachOf({ limitName, scope, observed, ceiling }: Breach) {
  return { label: `${limitName} of its ${scope}`, detail: `${observed} > ${ceiling}` }
}

type On = <Payload>(kind: FactKind<Payload>, answer: (payload: Payload, at: Moment, axis: Axis) => void) => void

function define(define: (on: On) => void): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>()
  define((kind, answer) => answers.set(kind.type, answer))
  return answers
}
