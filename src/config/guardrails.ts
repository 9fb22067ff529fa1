import * as v from 'valibot'
import type { Guardrail } from '../../sagas/guardrails.js'
import { functionOf, nonBlank, oneOf } from './schema.js'

const stages = v.pipe(
  v.array(oneOf(['pre', 'post']), 'a list of stages'),
  v.minLength(1, 'a list of at least one stage'),
)

const kinds = v.pipe(
  v.array(oneOf(['tool', 'turn']), 'a list of tool and turn'),
  v.minLength(1, 'a list of at least one of tool and turn'),
)

/** Only to check with: what it returns is a copy, and a guardrail may be the instance of a class. */
export const guardrailsSchema = v.array(
  v.looseObject(
    {
      name: nonBlank,
      stages,
      appliesTo: v.optional(kinds),
      check: functionOf<Guardrail['check']>('a function'),
    },
    'a guardrail',
  ),
  'a list of guardrails',
)
