import {
  emptyPolicyContext,
  evaluatePolicy,
  type PolicyAction,
  type PolicyCondition,
  type PolicyContext,
  type PolicyRule,
} from '../../../src/index.js'
import { expectEqual } from '../suite.js'
import { levelName } from './qualityGate.js'

interface Input {
  readonly rules: readonly PolicyRule[]
  readonly context: ReferenceContext
}

type ReferenceContext = Partial<Omit<PolicyContext, 'qualityLevel'>> & { readonly qualityLevel?: string }

interface Expected {
  readonly actions: readonly PolicyAction[]
  readonly ruleOrder: readonly string[]
}

export function policy({ rules, context }: Input, expected: Expected) {
  const own = rules.map(ruleOf)
  const { actions } = evaluatePolicy(own, { ...emptyPolicyContext, ...contextOf(context) })
  expectEqual(expected.actions, actions, 'actions')
  // With conditions that always hold, the rules that fire are all of them, in the order of their evaluation.
  const always = own.map((rule): PolicyRule => ({ ...rule, condition: { type: 'and', conditions: [] } }))
  expectEqual(expected.ruleOrder, evaluatePolicy(always, emptyPolicyContext).fired, 'ruleOrder')
}

export function contextOf({ qualityLevel, ...context }: ReferenceContext): Partial<PolicyContext> {
  return qualityLevel === undefined ? context : { ...context, qualityLevel: levelName(qualityLevel) as never }
}

export function ruleOf(rule: PolicyRule): PolicyRule {
  return { ...rule, condition: conditionOf(rule.condition) }
}

function conditionOf(condition: PolicyCondition): PolicyCondition {
  if (condition.type === 'qualityAt') return { ...condition, level: levelName(condition.level) as never }
  if (condition.type === 'and' || condition.type === 'or') {
    return { ...condition, conditions: condition.conditions.map(conditionOf) }
  }
  return condition
}
