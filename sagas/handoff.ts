import { handoffIssued, type SessionId } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { assertArgument, NotFoundError } from '../slices/rules/errors.js'
import type { Handoff } from '../slices/rules/handoff.js'
import { findNonJson, isPlainObject, type JsonObject } from '../slices/rules/json.js'
import { selectHandoffFrom, selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { runHooks, type HandoffDraft, type Hook } from './hooks.js'
import { unlessAborted } from './invoke.js'
import { answer, questionOf } from './journal.js'
import { assertCanBecome, concludeSession, requireActive } from './session.js'

export interface HandoffRequest extends HandoffDraft {
  readonly sessionId: SessionId
  readonly hooks: readonly Hook[]
}

/**
 * Ends a session by passing its work on: the worker that will pick it up is registered in the same fact, so there is never one
 * without the other.
 */
export function* handoffSaga(context: Context, request: HandoffRequest): Saga<Handoff> {
  const { sessionId, targetRole, reason, context: passedOn } = request
  return yield* answer(context, {
    sessionId,
    question: () => questionOf('handoff', targetRole, { reason, context: passedOn }),
    live: () => beginHandoff(context, request),
  })
}

function* beginHandoff(context: Context, { sessionId, hooks, ...asked }: HandoffRequest): Saga<Handoff> {
  const issued = context.resumptions.has(sessionId) ? selectHandoffFrom(context.state(), sessionId) : undefined
  // The log was cut off between the handoff and its answer.
  if (issued) return issued
  const { orchestratorId, role, phase } = requireActive(context, sessionId)
  assertCanBecome(context, sessionId, 'completed')
  const { handoffTargets } = selectOrchestrator(context.state(), orchestratorId)
  const info = { sessionId, role, phase, name: asked.targetRole }
  const call = context.calls.begin(sessionId)
  try {
    const draft = hooks.length === 0 ? asked : yield* unlessAborted(call, runHooks(hooks, 'beforeHandoff', asked, info))
    return handOff(context, sessionId, parseHandoff(draft, handoffTargets))
  } finally {
    call.end()
  }
}

interface CheckedHandoff extends HandoffDraft {
  readonly context: JsonObject
}

/** A copy, so that nobody changes it once it is recorded. Keys that hold `undefined` are left out. */
function parseHandoff(draft: HandoffDraft, targets: readonly string[] | null): CheckedHandoff {
  // A hook may return anything.
  assertArgument(isPlainObject(draft), 'handoff', draft, 'an object with a targetRole, a reason and a context')
  const { targetRole, reason, context } = draft
  assertText('targetRole', targetRole)
  assertArgument(
    targets === null || targets.includes(targetRole),
    'targetRole',
    targetRole,
    `one of ${targets?.join(', ') ?? ''}`,
  )
  assertText('reason', reason)
  assertArgument(isPlainObject(context), 'context', context, 'an object of JSON values')
  const kept = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
  const lost = findNonJson(kept)
  assertArgument(lost === undefined, `context.${lost ?? ''}`, context, 'JSON')
  return { targetRole, reason, context: structuredClone(kept) as JsonObject }
}

function assertText(field: string, value: unknown): void {
  assertArgument(typeof value === 'string' && value.trim() !== '', field, value, 'a non-blank string')
}

function handOff(context: Context, sessionId: SessionId, request: CheckedHandoff): Handoff {
  const { role, phase, projectId } = requireActive(context, sessionId)
  assertCanBecome(context, sessionId, 'completed')
  const targetSessionId = `session-${context.state().sessions.count + 1}`
  context.record(handoffIssued({ sessionId, targetSessionId, sourceRole: role, phase, projectId, ...request }))
  concludeSession(context, sessionId)
  const handoff = selectSession(context.state(), targetSessionId)?.handoff
  if (!handoff) throw new NotFoundError('handoff', targetSessionId)
  return handoff
}
