import { gateEvaluated, type SessionId } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { evaluateQuality, type GateOutcome, type QualityLevelInput } from '../slices/rules/quality.js'
import type { Context } from './context.js'
import { answerNow, questionOf } from './journal.js'
import { requireActive } from './session.js'

/** Holds what was observed against the orchestrator's quality gate. `null`: it has none, and nothing is recorded. */
export function evaluateGate(
  context: Context,
  sessionId: SessionId,
  observed: QualityLevelInput | null,
): GateOutcome | null {
  return answerNow(context, {
    sessionId,
    question: () => questionOf('gate', '', { observed }),
    live() {
      const { qualityGate } = selectOrchestrator(context.state(), requireActive(context, sessionId).orchestratorId)
      if (qualityGate === null) return null
      const outcome = evaluateQuality(qualityGate, observed)
      context.record(gateEvaluated({ sessionId, ...outcome }))
      return outcome
    },
  })
}
