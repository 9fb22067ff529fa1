import type { Guardrail, GuardrailStage, GuardrailSubject } from '../../sagas/guardrails.js'
import { assertArgument } from '../../slices/rules/errors.js'

const STAGES = ['pre', 'post'] as const satisfies readonly GuardrailStage[]
const KINDS = ['tool', 'turn'] as const satisfies readonly GuardrailSubject['kind'][]

interface Scope {
  readonly name: string
  readonly stages: readonly GuardrailStage[]
  readonly appliesTo: readonly ('tool' | 'turn')[] | undefined
}

/** A guardrail that looks at the subjects of its stages and allows those of others, whoever asks it. */
export function createScopedGuardrail({ name, stages, appliesTo }: Scope, check: Guardrail['check']): Guardrail {
  // What JavaScript callers pass may be anything.
  const given: unknown = name
  assertArgument(typeof given === 'string' && given.trim() !== '', 'name', name, 'a non-blank string')
  assertSome('stages', stages, STAGES)
  if (appliesTo !== undefined) assertSome('appliesTo', appliesTo, KINDS)
  const own = [...stages]
  return {
    name,
    stages: own,
    ...(appliesTo && { appliesTo: [...appliesTo] }),
    check: (subject) => (own.includes(subject.stage) ? check(subject) : { allowed: true }),
  }
}

/** None would make a guardrail that is listed and never runs. */
function assertSome(field: string, given: unknown, known: readonly string[]): void {
  const expected = `a list of at least one of ${known.join(', ')}`
  assertArgument(Array.isArray(given) && given.length > 0, field, given, expected)
  for (const [index, item] of (given as readonly unknown[]).entries()) {
    assertArgument(known.includes(item as string), `${field}[${index}]`, item, `one of ${known.join(', ')}`)
  }
}
