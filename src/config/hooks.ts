import * as v from 'valibot'
import type { Hook } from '../../sagas/hooks.js'
import { functionOf, nonBlank } from './schema.js'

const hook = v.optional(functionOf('a function'))

/** Only to check with: what it returns is a copy, and hooks may be the instance of a class. */
export const hooksSchema: v.GenericSchema<unknown, unknown> = v.array(
  v.looseObject(
    {
      name: nonBlank,
      beforeModel: hook,
      afterModel: hook,
      beforeTool: hook,
      afterTool: hook,
      beforeHandoff: hook,
    } satisfies { readonly [Key in keyof Hook]-?: unknown },
    'an object with a name and functions',
  ),
  'a list of hooks',
)
