import * as v from 'valibot'
import type { UsageLimits } from '../../slices/rules/usageLimits.js'
import { amount, count, parse, strictOptions } from './schema.js'

/** What a session may use in all. What is left out, or `null`, has no limit. */
export type UsageLimitsInput = { readonly [Limit in keyof UsageLimits]?: UsageLimits[Limit] | undefined }

const counted = v.optional(v.nullable(count))

export const usageLimitEntries = {
  maxInputTokens: counted,
  maxOutputTokens: counted,
  maxTotalTokens: counted,
  maxToolCalls: counted,
  maxCostUsd: v.optional(v.nullable(amount)),
}

const schema = strictOptions(usageLimitEntries, 'an object of limits')

/** @throws {InvalidArgumentError} A count that is not an integer from 0, or a cost that is negative or not finite. */
export function parseUsageLimits(limits: UsageLimitsInput, field = 'usageLimits'): UsageLimits {
  const given = parse(schema, limits, field)
  return {
    maxInputTokens: given.maxInputTokens ?? null,
    maxOutputTokens: given.maxOutputTokens ?? null,
    maxTotalTokens: given.maxTotalTokens ?? null,
    maxToolCalls: given.maxToolCalls ?? null,
    maxCostUsd: given.maxCostUsd ?? null,
  }
}
