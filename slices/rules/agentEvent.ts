import { assertArgument, InvalidArgumentError } from './errors.js'
import { FAILURE_CLASSES, type FailureClass } from './failures.js'
import type { JsonObject } from './json.js'

export const AGENT_EVENT_NAMES = [
  'agent.started',
  'agent.ready',
  'agent.blocked',
  'agent.tool_called',
  'agent.tool_completed',
  'agent.completed',
  'agent.failed',
  'phase.started',
  'phase.completed',
  'phase.gate_evaluated',
  'phase.gate_passed',
  'phase.gate_failed',
  'agent.recovery.attempted',
  'agent.recovery.succeeded',
  'agent.recovery.failed',
  'agent.recovery.escalated',
  'agent.recovery.provider_switched',
  'hook.pre_tool',
  'hook.post_tool',
  'governance.breach',
  'governance.alert',
  'oversight.review_requested',
  'oversight.review_resolved',
] as const

export const AGENT_EVENT_STATUSES = [
  'running',
  'ready',
  'blocked',
  'green',
  'red',
  'completed',
  'failed',
  'cancelled',
] as const

export type AgentEventName = (typeof AGENT_EVENT_NAMES)[number]
export type AgentEventStatus = (typeof AGENT_EVENT_STATUSES)[number]

/** What a sink is told: a fact in the words of people who watch agents. Prompts, results and error messages are never in it. */
export interface AgentEvent {
  readonly event: AgentEventName
  /** The last part of the event's name. */
  readonly type: string
  readonly status: AgentEventStatus
  readonly role?: string
  readonly phase?: string
  readonly projectId?: number
  readonly failureClass?: FailureClass
  readonly detail?: string
  readonly data?: JsonObject
  /** Where it comes from. Absent on events that people make themselves. */
  readonly sessionId?: string
  /** The sequence number of the fact it is a projection of. */
  readonly seq?: number
  /** Unix ms. */
  readonly at?: number
}

/**
 * A checked agent event. `agent.failed` needs a failure class, and is `cancelled` in status exactly when it is in class.
 *
 * @throws {InvalidArgumentError} Names the field.
 */
export function createAgentEvent(event: Omit<AgentEvent, 'type'>): AgentEvent {
  assertOneOf('event', event.event, AGENT_EVENT_NAMES)
  assertOneOf('status', event.status, AGENT_EVENT_STATUSES)
  if (event.failureClass !== undefined) assertOneOf('failureClass', event.failureClass, FAILURE_CLASSES)
  for (const field of ['role', 'phase'] as const) {
    const value: unknown = event[field]
    const isValid = value === undefined || (typeof value === 'string' && value.trim() !== '')
    assertArgument(isValid, field, value, 'a non-blank string')
  }
  const { projectId } = event
  const isProject = projectId === undefined || (Number.isSafeInteger(projectId) && projectId >= 0)
  assertArgument(isProject, 'projectId', projectId, 'an integer from 0')
  if (event.event === 'agent.failed') assertFailed(event)
  return { ...event, type: event.event.slice(event.event.lastIndexOf('.') + 1) }
}

function assertFailed({ failureClass, status }: Omit<AgentEvent, 'type'>): void {
  assertArgument(failureClass !== undefined, 'failureClass', failureClass, 'given for agent.failed')
  const expected = failureClass === 'cancelled' ? 'cancelled' : 'any status but cancelled'
  assertArgument((failureClass === 'cancelled') === (status === 'cancelled'), 'status', status, expected)
}

function assertOneOf(field: string, value: unknown, names: readonly string[]): void {
  if (!names.includes(value as string)) throw new InvalidArgumentError(field, value, `one of ${names.join(', ')}`)
}
