import { assertArgument, InvalidArgumentError } from './errors.js'
import type { JsonObject } from './json.js'
import { own } from './own.js'
import { isAbove } from './prices.js'
import { isAtLeast, type QualityLevel } from './quality.js'
import type { Scenario } from './failures.js'

/** When a rule fires. Plain data: it is kept in the log and evaluated again wherever the log is replayed. */
export type PolicyCondition =
  | { readonly type: 'and'; readonly conditions: readonly PolicyCondition[] }
  | { readonly type: 'or'; readonly conditions: readonly PolicyCondition[] }
  | { readonly type: 'not'; readonly condition: PolicyCondition }
  /** The quality level given is at least `level`. False when none is given. */
  | { readonly type: 'qualityAt'; readonly level: QualityLevel }
  /** The last gate evaluated in this session was passed. */
  | { readonly type: 'gatePassed' }
  | { readonly type: 'phaseCompleted' }
  /** This role failed, or any did. */
  | { readonly type: 'agentFailed'; readonly role?: string }
  | { readonly type: 'gateBelow'; readonly threshold: number }
  /** Recovery of this scenario, or of any, has been escalated in this session. */
  | { readonly type: 'retryExhausted'; readonly scenario?: Scenario }
  | { readonly type: 'timedOut'; readonly seconds: number }
  /** There are roles, and completed and failed ones together are exactly all of them. */
  | { readonly type: 'allAgentsComplete' }
  | { readonly type: 'costExceeded'; readonly budgetUsd: number }
  /** A function of the orchestrator's `conditions`, by name. */
  | { readonly type: 'custom'; readonly name: string; readonly params?: JsonObject }

export const POLICY_ACTIONS = [
  'advance_phase',
  'retry_agent',
  'retry_phase',
  'recover_once',
  'escalate',
  'store_gate_feedback',
  'generate_handoff',
  'notify',
  'abort_phase',
] as const

export interface PolicyAction {
  readonly action: (typeof POLICY_ACTIONS)[number]
  readonly params?: JsonObject
}

export interface PolicyRule {
  readonly name: string
  readonly condition: PolicyCondition
  /** At least one. */
  readonly actions: readonly PolicyAction[]
  /** Lower goes first; rules of equal priority keep their order. Default 50. */
  readonly priority?: number
}

/** What the conditions are evaluated on. */
export interface PolicyContext {
  readonly qualityLevel: QualityLevel | null
  readonly gateScore: number
  readonly gatePassed: boolean
  readonly completedRoles: readonly string[]
  readonly failedRoles: readonly string[]
  readonly allRoles: readonly string[]
  readonly elapsedSeconds: number
  readonly retryExhaustedScenarios: readonly Scenario[]
  readonly phaseCompleted: boolean
  readonly totalCostUsd: number
}

/** A condition of one's own. Pure: the runtime records what it answered. */
export type CustomCondition = (context: PolicyContext, params: JsonObject) => boolean

export interface PolicyOutcome {
  /** Actions of every rule that fired, in the order of the rules. */
  readonly actions: readonly PolicyAction[]
  /** Names of the rules that fired. */
  readonly fired: readonly string[]
}

/** Nothing is known. For those who evaluate rules outside of a session. */
export const emptyPolicyContext: PolicyContext = {
  qualityLevel: null,
  gateScore: 0,
  gatePassed: false,
  completedRoles: [],
  failedRoles: [],
  allRoles: [],
  elapsedSeconds: 0,
  retryExhaustedScenarios: [],
  phaseCompleted: false,
  totalCostUsd: 0,
}

/** The rules in the order in which they are evaluated. */
function sortRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return [...rules].sort((a, b) => (a.priority ?? 50) - (b.priority ?? 50))
}

/**
 * Evaluates every rule; all that match fire.
 *
 * @throws {InvalidArgumentError} A number of the context is negative or not finite, or a custom condition is unknown or
 * does not answer with a boolean.
 */
export function evaluatePolicy(
  rules: readonly PolicyRule[],
  context: PolicyContext,
  conditions: Readonly<Record<string, CustomCondition>> = {},
): PolicyOutcome {
  for (const field of ['gateScore', 'elapsedSeconds', 'totalCostUsd'] as const) {
    const value = context[field]
    assertArgument(Number.isFinite(value) && value >= 0, field, value, 'a finite number from 0')
  }
  const fired = sortRules(rules).filter((rule) => holds(rule.condition, context, conditions))
  return {
    actions: fired.flatMap((rule) => rule.actions.map(withoutEmptyParams)),
    fired: fired.map((rule) => rule.name),
  }
}

function holds(
  condition: PolicyCondition,
  context: PolicyContext,
  custom: Readonly<Record<string, CustomCondition>>,
): boolean {
  switch (condition.type) {
    case 'and':
      return condition.conditions.every((inner) => holds(inner, context, custom))
    case 'or':
      return condition.conditions.some((inner) => holds(inner, context, custom))
    case 'not':
      return !holds(condition.condition, context, custom)
    case 'qualityAt':
      return context.qualityLevel !== null && isAtLeast(context.qualityLevel, condition.level)
    case 'gatePassed':
      return context.gatePassed
    case 'phaseCompleted':
      return context.phaseCompleted
    case 'agentFailed':
      return mentions(context.failedRoles, condition.role)
    case 'gateBelow':
      return context.gateScore < condition.threshold
    case 'retryExhausted':
      return mentions(context.retryExhaustedScenarios, condition.scenario)
    case 'timedOut':
      return context.elapsedSeconds > condition.seconds
    case 'allAgentsComplete':
      return allAgentsComplete(context)
    case 'costExceeded':
      return isAbove(context.totalCostUsd, condition.budgetUsd)
    case 'custom':
      return holdsCustom(condition.name, own(custom, condition.name), context, condition.params ?? {})
  }
}

function mentions(names: readonly string[], wanted: string | undefined): boolean {
  if (wanted === undefined) return names.length > 0
  return names.some((name) => name.trim() === wanted.trim())
}

function allAgentsComplete({ allRoles, completedRoles, failedRoles }: PolicyContext): boolean {
  const ended = new Set([...completedRoles, ...failedRoles].map((role) => role.trim()))
  const all = new Set(allRoles.map((role) => role.trim()))
  return all.size > 0 && all.size === ended.size && [...all].every((role) => ended.has(role))
}

function holdsCustom(
  name: string,
  evaluate: CustomCondition | undefined,
  context: PolicyContext,
  params: JsonObject,
): boolean {
  if (!evaluate) throw new InvalidArgumentError('condition', name, 'the name of one of the orchestrator’s conditions')
  const answer: unknown = evaluate(context, params)
  assertArgument(typeof answer === 'boolean', `conditions.${name}`, answer, 'a function that returns a boolean')
  return answer as boolean
}

function withoutEmptyParams({ action, params }: PolicyAction): PolicyAction {
  return params && Object.keys(params).length > 0 ? { action, params } : { action }
}
