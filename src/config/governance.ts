import * as v from 'valibot'
import {
  GOVERNANCE_LIMITS,
  GOVERNANCE_SCOPES,
  normalizeGovernanceLimit,
  type GovernanceLimit,
  type GovernanceLimitInput,
} from '../../slices/rules/governance.js'
import { amount, oneOf, parse, strictOptions } from './schema.js'

const limit = strictOptions(
  {
    limit: oneOf(GOVERNANCE_LIMITS),
    value: amount,
    scope: v.optional(oneOf(GOVERNANCE_SCOPES)),
    onBreach: v.optional(oneOf(['terminate', 'alert'])),
    alerts: v.optional(oneOf(['every_check', 'once'])),
  },
  'an object with a limit and its value',
) satisfies v.GenericSchema<unknown, GovernanceLimitInput>

export const governanceSchema = v.array(limit, 'a list of limits')

/** @throws {InvalidArgumentError} An unknown limit, scope or answer to a breach, or a value that is negative or not finite. */
export function parseGovernanceLimits(
  limits: readonly GovernanceLimitInput[],
  field = 'governance',
): readonly GovernanceLimit[] {
  return parse(governanceSchema, limits, field).map(normalizeGovernanceLimit)
}
