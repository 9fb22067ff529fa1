import type { Guardrail, GuardrailStage } from '../../sagas/guardrails.js'

interface Scope {
  readonly name: string
  readonly stages: readonly GuardrailStage[]
  readonly appliesTo?: readonly ('tool' | 'turn')[] | undefined
}

/** A guardrail that looks at the subjects of its stages and allows those of others, whoever asks it. */
export function createScopedGuardrail({ name, stages, appliesTo }: Scope, check: Guardrail['check']): Guardrail {
  return {
    name,
    stages,
    ...(appliesTo && { appliesTo }),
    check: (subject) => (stages.includes(subject.stage) ? check(subject) : { allowed: true }),
  }
}
