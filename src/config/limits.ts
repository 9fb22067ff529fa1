import * as v from 'valibot'
import { GOVERNANCE_LIMITS } from '../../slices/rules/governance.js'
import type { RaisedLimits } from '../../slices/rules/limits.js'
import { amount, count, parse, oneOf, strictOptions } from './schema.js'
import { usageLimitEntries, type UsageLimitsInput } from './usageLimits.js'

/** New caps of one session. What is left out stays as it is; `null`, or `'unlimited'` iterations, takes a cap away. */
export interface RaiseLimitsOptions {
  readonly maxIterations?: number | 'unlimited' | undefined
  readonly budgetUsd?: number | null | undefined
  readonly usageLimits?: UsageLimitsInput | undefined
  /** For every limit of that name, whatever its scope. */
  readonly governance?: RaisedLimits['governance'] | undefined
}

export const iterationLimit = v.union([count, v.literal('unlimited')], 'an integer from 0 or "unlimited"')

const schema = strictOptions(
  {
    maxIterations: v.optional(iterationLimit),
    budgetUsd: v.optional(v.nullable(amount)),
    usageLimits: v.optional(strictOptions(usageLimitEntries, 'an object of limits')),
    governance: v.optional(v.record(oneOf(GOVERNANCE_LIMITS), amount, 'an object of values by limit')),
  },
  'an object of limits',
)

export function parseRaisedLimits(options: RaiseLimitsOptions): RaisedLimits {
  const { maxIterations, budgetUsd, usageLimits, governance } = parse(schema, options)
  return withoutUndefined<RaisedLimits>({
    maxIterations: maxIterations === 'unlimited' ? null : maxIterations,
    budgetUsd,
    usageLimits: usageLimits && withoutUndefined<NonNullable<RaisedLimits['usageLimits']>>(usageLimits),
    governance,
  })
}

/** It becomes part of a fact, and JSON has no `undefined`. */
function withoutUndefined<T extends object>(options: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
