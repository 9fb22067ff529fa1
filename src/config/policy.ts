import * as v from 'valibot'
import { SCENARIOS } from '../../slices/rules/failures.js'
import { findNonJson, isPlainObject, isTooDeep, MAX_JSON_DEPTH, type JsonObject } from '../../slices/rules/json.js'
import {
  POLICY_ACTIONS,
  type CustomCondition,
  type PolicyCondition,
  type PolicyContext,
  type PolicyRule,
} from '../../slices/rules/policy.js'
import { QUALITY_LEVELS } from '../../slices/rules/quality.js'
import { amount, flag, functionOf, nonBlank, oneOf, strictOptions } from './schema.js'

const jsonObject = v.custom<JsonObject>(
  (value) => isPlainObject(value) && findNonJson(value) === undefined,
  'an object of JSON values',
)

const condition: v.GenericSchema<unknown, PolicyCondition> = v.lazy(() =>
  v.variant(
    'type',
    [
      strictOptions({ type: v.literal('and'), conditions: v.array(condition, 'a list of conditions') }),
      strictOptions({ type: v.literal('or'), conditions: v.array(condition, 'a list of conditions') }),
      strictOptions({ type: v.literal('not'), condition }),
      strictOptions({ type: v.literal('qualityAt'), level: oneOf(QUALITY_LEVELS) }),
      strictOptions({ type: v.literal('gatePassed') }),
      strictOptions({ type: v.literal('phaseCompleted') }),
      strictOptions({ type: v.literal('agentFailed'), role: v.exactOptional(nonBlank) }),
      strictOptions({ type: v.literal('gateBelow'), threshold: amount }),
      strictOptions({ type: v.literal('retryExhausted'), scenario: v.exactOptional(oneOf(SCENARIOS)) }),
      strictOptions({ type: v.literal('timedOut'), seconds: amount }),
      strictOptions({ type: v.literal('allAgentsComplete') }),
      strictOptions({ type: v.literal('costExceeded'), budgetUsd: amount }),
      strictOptions({ type: v.literal('custom'), name: nonBlank, params: v.exactOptional(jsonObject) }),
    ],
    'a known condition',
  ),
)

const action = strictOptions({ action: oneOf(POLICY_ACTIONS), params: v.exactOptional(jsonObject) }, 'an action')

const priority = v.pipe(v.number('an integer'), v.safeInteger('an integer'))

const rules = v.array(
  strictOptions(
    {
      name: nonBlank,
      condition,
      actions: v.pipe(v.array(action, 'a list of actions'), v.minLength(1, 'a list of at least one action')),
      priority: v.exactOptional(priority),
    },
    'a rule',
  ),
  'a list of rules',
)

/** Conditions are checked recursively, so their depth is known before. */
export const policySchema: v.GenericSchema<unknown, PolicyRule[]> = v.pipe(
  v.unknown(),
  v.check((given) => !isTooDeep(given), `a list of rules that are at most ${MAX_JSON_DEPTH} levels deep`),
  rules,
)

export const conditionsSchema: v.GenericSchema<unknown, Record<string, CustomCondition>> = v.record(
  nonBlank,
  functionOf<CustomCondition>('a function of the context'),
  'an object of functions',
)

const names = v.array(nonBlank, 'a list of roles')

/** What the caller may tell a policy. */
export const policyArgumentsSchema = strictOptions(
  {
    qualityLevel: v.optional(v.nullable(oneOf(QUALITY_LEVELS))),
    gateScore: v.optional(amount),
    completedRoles: v.optional(names),
    failedRoles: v.optional(names),
    allRoles: v.optional(names),
    elapsedSeconds: v.optional(amount),
    retryExhaustedScenarios: v.optional(v.array(oneOf(SCENARIOS), 'a list of scenarios')),
    phaseCompleted: v.optional(flag),
    totalCostUsd: v.optional(amount),
  },
  'an object',
) satisfies v.GenericSchema<unknown, { [Key in keyof Omit<PolicyContext, 'gatePassed'>]?: unknown }>
