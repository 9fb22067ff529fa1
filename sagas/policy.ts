import { policyEvaluated, type SessionId } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import {
  emptyPolicyContext,
  evaluatePolicy,
  type CustomCondition,
  type PolicyContext,
  type PolicyOutcome,
} from '../slices/rules/policy.js'
import { totalCostUsd } from '../slices/usage.js'
import type { Context } from './context.js'
import { answerNow, questionOf } from './journal.js'
import { requireActive, type ActiveSession } from './session.js'

/** What the caller knows and the state does not. */
export type PolicyArguments = Partial<Omit<PolicyContext, 'gatePassed'>>

/** Evaluates the orchestrator's rules on the state and these arguments, and records what they were evaluated on and what fired. */
export function evaluateSessionPolicy(
  context: Context,
  sessionId: SessionId,
  args: PolicyArguments,
  conditions: Readonly<Record<string, CustomCondition>>,
): PolicyOutcome {
  return answerNow(context, {
    sessionId,
    question: () => questionOf('policy', '', args),
    live: () => evaluate(context, sessionId, args, conditions),
  })
}

function evaluate(
  context: Context,
  sessionId: SessionId,
  args: PolicyArguments,
  conditions: Readonly<Record<string, CustomCondition>>,
): PolicyOutcome {
  const session = requireActive(context, sessionId)
  const { policy } = selectOrchestrator(context.state(), session.orchestratorId)
  if (policy.length === 0) return { actions: [], fired: [] }
  const evaluated = { ...emptyPolicyContext, ...knownOf(context, session), ...args }
  const outcome = evaluatePolicy(policy, evaluated, conditions)
  context.record(policyEvaluated({ sessionId, context: evaluated, ...outcome }))
  return outcome
}

function knownOf(context: Context, session: ActiveSession): Partial<PolicyContext> {
  return {
    elapsedSeconds: (context.clock.now() - (session.openedAt ?? 0)) / 1_000,
    retryExhaustedScenarios: session.recovery.exhausted,
    totalCostUsd: totalCostUsd(session.usage, context.state().pricing),
    gatePassed: session.gates.last?.satisfied ?? false,
  }
}
