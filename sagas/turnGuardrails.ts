import { turnBlocked } from '../slices/facts.js'
import { isRuntimeError } from '../slices/rules/errors.js'
import type { Candidate } from './admission.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { GuardrailViolatedError, runGuardrails, type Guardrail, type GuardrailStage } from './guardrails.js'
import type { TurnResult } from './turnRequest.js'

export interface TurnSubject {
  readonly stage: GuardrailStage
  readonly input: unknown
  /** Only after the call. */
  readonly result?: TurnResult<unknown>
}

/** Guardrails that look at turns: before the call at its input, after it at what the caller would get. */
export function* guardTurn(
  context: Context,
  guardrails: readonly Guardrail[],
  { sessionId, model, config }: Candidate,
  { stage, input, result }: TurnSubject,
): Saga<void> {
  const about = { stage, kind: 'turn', role: config.role, name: model ?? '', input } as const
  const block = yield* runGuardrails(guardrails, result ? { ...about, value: result.value } : about)
  if (!block) return
  context.record(turnBlocked({ sessionId, turnId: result?.turnId ?? null, stage, guardrails: block.names }))
  throw result && isViolation(block.error) ? block.error.after(result) : block.error
}

/** Not by `instanceof` alone: a guardrail may throw anything, and some things throw when they are looked at. */
function isViolation(error: unknown): error is GuardrailViolatedError {
  return isRuntimeError(error) && error instanceof GuardrailViolatedError
}
