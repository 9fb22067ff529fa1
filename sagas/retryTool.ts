import { toolAttemptFailed, toolCancelled, toolFailed, toolRetried } from '../slices/facts.js'
import { describeError } from '../slices/rules/errors.js'
import type { Scenario } from '../slices/rules/failures.js'
import type { RecoveryStep } from '../slices/rules/recipes.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { recover, type RecoveryPlan } from './recoveryPlan.js'
import { goesOn } from './session.js'
import { holdBack } from './waitForLive.js'
import type { StartedTool, ToolRequest } from './toolRequest.js'

export interface FailedToolAttempt {
  readonly attempt: number
  readonly error: unknown
  readonly scenario: Scenario
}

/** A tool has no context to shrink, no tools of its own and no provider. */
const TOOL_STEPS: readonly RecoveryStep[] = ['retry_with_backoff', 'restart_agent', 'clear_memory_cache']

/**
 * Carries out what the recipe for a failed attempt says. Answers whether the tool is called again; if not, it is recorded as
 * failed.
 *
 * @throws The reason of an abort while it waited. The call is recorded as cancelled.
 */
export function* retryTool<T>(
  context: Context,
  { functions }: ToolRequest<T>,
  { sessionId, toolCallId, tool }: StartedTool,
  { attempt, error, scenario }: FailedToolAttempt,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<boolean> {
  const about = { sessionId, toolCallId, tool }
  context.record(toolAttemptFailed({ ...about, attempt, error: describeError(error) }))
  const failed = { sessionId, callId: toolCallId, error, scenario }
  try {
    const mayRetry = yield* recover(context, failed, {
      plan,
      call,
      handlers: functions.recovery,
      can: (step) => TOOL_STEPS.includes(step),
      switchProvider: () => false,
    })
    if (mayRetry) yield* holdBack(context, call)
    if (mayRetry && goesOn(context, sessionId)) {
      call.renew(error)
      context.record(toolRetried({ ...about, attempt: attempt + 1, waitedMs: plan.waitedMs }))
      return true
    }
  } catch (reason) {
    context.record(call.aborted ? toolCancelled(about) : toolFailed({ ...about, error: describeError(error) }))
    throw reason
  }
  context.record(toolFailed({ ...about, error: describeError(error) }))
  return false
}
