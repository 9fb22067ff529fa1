import { failuresCleared, limitsRaised, type SessionId } from '../slices/facts.js'
import type { RaisedLimits } from '../slices/rules/limits.js'
import type { Context } from './context.js'
import { answerNow, questionOf } from './journal.js'
import { requireActive } from './session.js'

/*
 * What a session's function changes about its session. Once: a function that is run again comes by here again, and what was changed
 * before must not undo what has happened since.
 */

export function raiseLimits(context: Context, sessionId: SessionId, limits: RaisedLimits): void {
  answerNow(context, {
    sessionId,
    question: () => questionOf('change', 'limits', { ...limits }),
    live() {
      requireActive(context, sessionId)
      context.record(limitsRaised({ sessionId, limits }))
    },
  })
}

export function clearFailures(context: Context, sessionId: SessionId): void {
  answerNow(context, {
    sessionId,
    question: () => questionOf('change', 'failures', {}),
    live() {
      requireActive(context, sessionId)
      context.record(failuresCleared({ sessionId }))
    },
  })
}
