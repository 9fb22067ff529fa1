import { handoffIssued, type SessionId } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { assertArgument, NotFoundError } from '../slices/rules/errors.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { JsonObject } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import { afterEnd, assertCanBecome, requireActive, SessionEndedError } from './session.js'

export interface HandoffRequest {
  readonly sessionId: SessionId
  readonly targetRole: string
  readonly reason: string
  readonly context: JsonObject
}

/**
 * Ends a session by passing its work on: the worker that will pick it up is registered in the same fact, so there is never one
 * without the other.
 */
export function handOff(context: Context, { sessionId, ...request }: HandoffRequest): Handoff {
  const { role, phase, projectId, orchestratorId } = requireActive(context, sessionId)
  const { handoffTargets } = selectOrchestrator(context.state(), orchestratorId)
  const isKnown = handoffTargets === null || handoffTargets.includes(request.targetRole)
  assertArgument(isKnown, 'targetRole', request.targetRole, `one of ${handoffTargets?.join(', ') ?? ''}`)
  assertCanBecome(context, sessionId, 'completed')
  const targetSessionId = `session-${context.state().sessions.count + 1}`
  const issued = { sessionId, targetSessionId, sourceRole: role, phase, projectId, ...request }
  context.record(handoffIssued(issued))
  afterEnd(context, sessionId, new SessionEndedError(sessionId, 'completed'))
  return requireHandoff(context, targetSessionId)
}

function requireHandoff(context: Context, targetSessionId: SessionId): Handoff {
  const handoff = selectSession(context.state(), targetSessionId)?.handoff
  if (!handoff) throw new NotFoundError('handoff', targetSessionId)
  return handoff
}
