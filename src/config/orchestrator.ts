import * as v from 'valibot'
import type { Guardrail } from '../../sagas/guardrails.js'
import type { StepHandler } from '../../sagas/recovery.js'
import { assertArgument } from '../../slices/rules/errors.js'
import type { BreakerSettings } from '../../slices/rules/breaker.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import { normalizePermissions, type PermissionsInput } from '../../slices/rules/permissions.js'
import type { CustomCondition, PolicyCondition, PolicyRule } from '../../slices/rules/policy.js'
import { parseQualityLevel, type QualityLevelInput } from '../../slices/rules/quality.js'
import type { UsageInput } from '../../slices/rules/tokens.js'
import { breakerSchema, parseBreaker, type CircuitBreakerOptions } from './breaker.js'
import { guardrailsSchema } from './guardrails.js'
import { permissionsSchema } from './permissions.js'
import { conditionsSchema, policySchema } from './policy.js'
import { amount, count, delayMs, flag, functionOf, nonBlank, oneOf, parse, strictOptions } from './schema.js'

/** What an agent in this role may do, and what it may cost. */
export interface OrchestratorOptions {
  readonly role: string
  readonly phase: string
  /** An integer from 0. Default: none. */
  readonly projectId?: number | null | undefined
  /** The model of turns that name none. */
  readonly model?: string | undefined
  /** US dollars per session. `null`, the default: no budget. */
  readonly budgetUsd?: number | null | undefined
  /** Whether overspending throws, and refuses the turns after it. Default false: it is only recorded. */
  readonly enforceBudget?: boolean | undefined
  /** What to do with a turn whose model has no price. Default `'allow'`: its tokens are counted and reported as unpriced. */
  readonly unpricedModels?: 'allow' | 'refuse' | undefined
  /** Turns per session. Default 25. */
  readonly maxIterations?: number | 'unlimited' | undefined
  /** Gives up on one model call after this many milliseconds. `null`, the default: never. */
  readonly turnTimeoutMs?: number | null | undefined
  /** A breaker of its own, or the name of one that is configured. */
  readonly circuitBreaker?: CircuitBreakerOptions | string | undefined
  /** Default: every tool is allowed. */
  readonly permissions?: PermissionsInput | undefined
  readonly guardrails?: readonly Guardrail[] | undefined
  readonly policy?: readonly PolicyRule[] | undefined
  /** The functions that `custom` conditions of the policy name. */
  readonly conditions?: Readonly<Record<string, CustomCondition>> | undefined
  readonly qualityGate?: QualityLevelInput | undefined
  /** The roles it may hand off to. Default: any. */
  readonly handoffTargets?: readonly string[] | undefined
  readonly recovery?: RecoveryOptions | undefined
  /** How to read what a turn used from what it returned, for turns that do not say so themselves. */
  readonly readUsage?: ((value: never) => UsageInput) | undefined
}

export interface RecoveryOptions {
  /** Carries a step of a recipe out and says whether it succeeded. Default: every step is taken to succeed. */
  readonly onStep?: StepHandler | undefined
}

/** An orchestrator's options, checked and split into what the log keeps and what only this process has. */
export interface ParsedOrchestrator {
  readonly config: OrchestratorConfig
  readonly breakerSettings: BreakerSettings | null
  readonly functions: OrchestratorFunctions
}

export interface OrchestratorFunctions {
  readonly guardrails: readonly Guardrail[]
  readonly conditions: Readonly<Record<string, CustomCondition>>
  readonly onRecoveryStep: StepHandler | undefined
  readonly readUsage: ((value: never) => UsageInput) | undefined
}

const DEFAULT_MAX_ITERATIONS = 25

// Not a union: that would tell which of the two did not fit, and not which field.
const breakerOrName = v.lazy((given) =>
  typeof given === 'object' ? breakerSchema : v.string('a name or an object with a name'),
)

const limit = v.union([count, v.literal('unlimited')], 'an integer from 0 or "unlimited"')

const schema = strictOptions(
  {
    role: nonBlank,
    phase: nonBlank,
    projectId: v.optional(v.nullable(count), null),
    model: v.optional(nonBlank),
    budgetUsd: v.optional(v.nullable(amount), null),
    enforceBudget: v.optional(flag, false),
    unpricedModels: v.optional(oneOf(['allow', 'refuse']), 'allow'),
    maxIterations: v.optional(limit, DEFAULT_MAX_ITERATIONS),
    turnTimeoutMs: v.optional(v.nullable(delayMs), null),
    circuitBreaker: v.optional(breakerOrName),
    permissions: v.optional(permissionsSchema),
    guardrails: v.optional(guardrailsSchema),
    policy: v.optional(policySchema, []),
    conditions: v.optional(conditionsSchema, {}),
    qualityGate: v.optional(v.unknown()),
    handoffTargets: v.optional(v.array(nonBlank, 'a list of roles')),
    recovery: v.optional(
      strictOptions({ onStep: v.optional(functionOf<StepHandler>('a function')) }, 'an object of recovery options'),
      {},
    ),
    readUsage: v.optional(functionOf<(value: never) => UsageInput>('a function')),
  },
  'an object with a role and a phase',
)

/** @throws {InvalidArgumentError} Names the first field that does not fit, and its value. */
export function parseOrchestrator(options: OrchestratorOptions): ParsedOrchestrator {
  const parsed = parse(schema, options, '')
  const { circuitBreaker, conditions, policy } = parsed
  const { guardrails = [] } = options
  for (const [index, rule] of policy.entries()) assertKnownConditions(rule.condition, conditions, `policy[${index}]`)
  const breaker = typeof circuitBreaker === 'object' ? parseBreaker(circuitBreaker, 'circuitBreaker') : null
  return {
    config: {
      role: parsed.role,
      phase: parsed.phase,
      projectId: parsed.projectId,
      model: parsed.model?.trim() ?? null,
      budgetUsd: parsed.budgetUsd,
      enforceBudget: parsed.enforceBudget,
      unpricedModels: parsed.unpricedModels,
      maxIterations: parsed.maxIterations === 'unlimited' ? null : parsed.maxIterations,
      turnTimeoutMs: parsed.turnTimeoutMs,
      breaker: breaker?.name ?? (circuitBreaker as string | undefined) ?? null,
      permissions: parsed.permissions ? normalizePermissions(parsed.permissions) : null,
      policy,
      qualityGate: parsed.qualityGate === undefined ? null : parseQualityLevel('qualityGate', parsed.qualityGate),
      guardrails: guardrails.map(({ name }) => name),
      handoffTargets: parsed.handoffTargets ?? null,
    },
    breakerSettings: breaker?.settings ?? null,
    functions: { guardrails, conditions, onRecoveryStep: parsed.recovery.onStep, readUsage: parsed.readUsage },
  }
}

function assertKnownConditions(
  condition: PolicyCondition,
  known: Readonly<Record<string, unknown>>,
  field: string,
): void {
  if (condition.type === 'custom') {
    const expected = 'the name of one of the conditions given'
    assertArgument(Object.hasOwn(known, condition.name), `${field}.condition`, condition.name, expected)
  } else if (condition.type === 'not') {
    assertKnownConditions(condition.condition, known, field)
  } else if (condition.type === 'and' || condition.type === 'or') {
    for (const inner of condition.conditions) assertKnownConditions(inner, known, field)
  }
}
