import * as v from 'valibot'
import type { UsageLimits } from '../../slices/rules/usageLimits.js'
import { amount, count, parse } from './schema.js'

/** What a session may use in all. What is left out, or `null`, has no limit. */
export type UsageLimitsInput = { readonly [Limit in keyof UsageLimits]?: UsageLimits[Limit] | undefined }

const counted = v.optional(v.nullable(count), null)

const schema: v.GenericSchema<unknown, UsageLimits> = v.strictObject(
  {
    maxInputTokens: counted,
    maxOutputTokens: counted,
    maxTotalTokens: counted,
    maxToolCalls: counted,
    maxCostUsd: v.optional(v.nullable(amount), null),
  },
  'an object of limits',
)

/** @throws {InvalidArgumentError} A count that is not an integer from 0, or a cost that is negative or not finite. */
export function parseUsageLimits(limits: UsageLimitsInput, field = 'usageLimits'): UsageLimits {
  return parse(schema, limits, field)
}
