import * as v from 'valibot'
import type { Guardrail, GuardrailStage, GuardrailSubject } from '../../sagas/guardrails.js'
import { functionOf, nonBlank, oneOf, wordsOf } from './schema.js'

/** None would make a guardrail that is listed and never runs. */
export const stagesSchema = v.pipe(
  v.array(oneOf(['pre', 'post'] satisfies GuardrailStage[]), 'a list of stages'),
  v.minLength(1, 'a list of at least one stage'),
)

export const kindsSchema = v.pipe(
  v.array(oneOf(['tool', 'turn'] satisfies GuardrailSubject['kind'][]), 'a list of tool and turn'),
  v.minLength(1, 'a list of at least one of tool and turn'),
)

const entries = {
  name: nonBlank,
  stages: stagesSchema,
  appliesTo: v.optional(kindsSchema),
  check: functionOf<Guardrail['check']>('a function'),
}

/** Only to check with: what it returns is a copy, and a guardrail may be the instance of a class. */
export const guardrailsSchema = v.array(v.looseObject(entries, wordsOf(entries, 'a guardrail')), 'a list of guardrails')
