import * as v from 'valibot'
import type { Guardrail } from '../../sagas/guardrails.js'
import { functionOf, nonBlank, oneOf } from './schema.js'

const stages = v.pipe(
  v.array(oneOf(['pre', 'post']), 'a list of stages'),
  v.minLength(1, 'a list of at least one stage'),
)

const shape = v.looseObject(
  {
    name: nonBlank,
    stages,
    appliesTo: v.optional(v.array(oneOf(['tool', 'turn']), 'a list of tool and turn')),
    check: functionOf<Guardrail['check']>('a function'),
  },
  'a guardrail',
)

/** Keeps the guardrails themselves: they may be instances of a class. */
export const guardrailsSchema: v.GenericSchema<unknown, Guardrail[]> = v.array(
  v.pipe(
    v.unknown(),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      const result = v.safeParse(shape, dataset.value, { abortEarly: true })
      if (!result.success) addIssue({ message: result.issues[0].message })
    }),
    v.transform((value) => value as Guardrail),
  ),
  'a list of guardrails',
)
