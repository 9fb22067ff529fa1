import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { normalizeGovernanceLimit, type GovernanceLimitInput } from '../../slices/rules/governance.js'
import { isPlainObject } from '../../slices/rules/json.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import { normalizePermissions, type PermissionsInput } from '../../slices/rules/permissions.js'
import type { PolicyRule } from '../../slices/rules/policy.js'
import type { PriceEntry } from '../../slices/rules/prices.js'
import { parseQualityLevel, type QualityLevelInput } from '../../slices/rules/quality.js'
import { governanceSchema } from '../config/governance.js'
import { iterationLimit } from '../config/limits.js'
import { permissionsSchema } from '../config/permissions.js'
import { policySchema } from '../config/policy.js'
import { parsePricing, type ModelPricing } from '../config/pricing.js'
import { amount, flag, parse, strictOptions } from '../config/schema.js'
import { parseUsageLimits, type UsageLimitsInput } from '../config/usageLimits.js'

/**
 * Settings that every orchestrator of a log is given instead of its own, as one gives them to an orchestrator. What is left out stays
 * as it was recorded.
 */
export interface WhatIfChanges {
  /** Prices, in US dollars per million tokens, as one registers them. They hold from the first fact on. */
  readonly pricing?: Readonly<Record<string, ModelPricing>> | undefined
  readonly budgetUsd?: number | null | undefined
  /** Default: true with a `budgetUsd`, because a budget that is not enforced refuses nothing; else as recorded. */
  readonly enforceBudget?: boolean | undefined
  readonly maxIterations?: number | 'unlimited' | undefined
  readonly usageLimits?: UsageLimitsInput | undefined
  readonly governance?: readonly GovernanceLimitInput[] | undefined
  readonly permissions?: PermissionsInput | undefined
  /** Rules with `custom` conditions are not evaluated. */
  readonly policy?: readonly PolicyRule[] | undefined
  readonly qualityGate?: QualityLevelInput | undefined
}

/** Changes, checked. */
export interface ParsedChanges {
  /** `null`: prices stay as they were. */
  readonly prices: readonly PriceEntry[] | null
  readonly config: Partial<OrchestratorConfig>
}

const schema = strictOptions(
  {
    pricing: v.optional(v.unknown()),
    budgetUsd: v.optional(v.nullable(amount)),
    enforceBudget: v.optional(flag),
    maxIterations: v.optional(iterationLimit),
    usageLimits: v.optional(v.unknown()),
    governance: v.optional(governanceSchema),
    permissions: v.optional(permissionsSchema),
    policy: v.optional(policySchema),
    qualityGate: v.optional(v.unknown()),
  },
  'an object of settings',
) satisfies v.GenericSchema<unknown, { [Key in keyof WhatIfChanges]?: unknown }>

/** @throws {InvalidArgumentError} Names the first field that does not fit, and its value. */
export function parseChanges(changes: WhatIfChanges): ParsedChanges {
  const given = parse(schema, changes)
  const { budgetUsd, enforceBudget = typeof budgetUsd === 'number' ? true : undefined } = given
  const { maxIterations, governance, permissions, policy } = given
  const { pricing, usageLimits, qualityGate } = changes
  return {
    prices: pricing === undefined ? null : parsePrices(pricing),
    config: {
      ...(budgetUsd !== undefined && { budgetUsd }),
      ...(enforceBudget !== undefined && { enforceBudget }),
      ...(maxIterations !== undefined && { maxIterations: maxIterations === 'unlimited' ? null : maxIterations }),
      ...(usageLimits !== undefined && { usageLimits: parseUsageLimits(usageLimits, 'usageLimits') }),
      ...(governance && { governance: governance.map(normalizeGovernanceLimit) }),
      ...(permissions && { permissions: normalizePermissions(permissions) }),
      ...(policy && { policy }),
      ...(qualityGate !== undefined && { qualityGate: parseQualityLevel('qualityGate', qualityGate) }),
    },
  }
}

function parsePrices(pricing: Readonly<Record<string, ModelPricing>>): readonly PriceEntry[] {
  assertArgument(isPlainObject(pricing), 'pricing', pricing, 'an object of prices by model')
  return Object.entries(pricing).map(([model, price]) => parsePricing(model, price))
}
