import * as v from 'valibot'
import type { Guardrail } from '../../sagas/guardrails.js'
import type { Hook } from '../../sagas/hooks.js'
import type { TurnFunctions } from '../../sagas/turnRequest.js'
import { assertArgument } from '../../slices/rules/errors.js'
import type { BreakerSettings } from '../../slices/rules/breaker.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import { normalizePermissions, type PermissionsInput } from '../../slices/rules/permissions.js'
import type { CustomCondition, PolicyCondition, PolicyRule } from '../../slices/rules/policy.js'
import { parseQualityLevel, type QualityLevelInput } from '../../slices/rules/quality.js'
import type { UsageInput } from '../../slices/rules/tokens.js'
import { normalizeGovernanceLimit, type GovernanceLimitInput } from '../../slices/rules/governance.js'
import type { ProviderRouter } from '../../slices/rules/routing.js'
import { parseBreaker, type CircuitBreakerOptions } from './breaker.js'
import { governanceSchema } from './governance.js'
import { hooksSchema } from './hooks.js'
import { iterationLimit } from './limits.js'
import { parseProviders, type ProvidersOptions } from './providers.js'
import { parseRateLimit, type RateLimitOptions, type RateLimitSettings } from './rateLimit.js'
import { parseRecovery, recoverySchema, type RecoveryOptions } from './recovery.js'
import { parseUsageLimits, type UsageLimitsInput } from './usageLimits.js'
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
  /**
   * Whether overspending throws, and refuses the turns after it. Default false: it is only recorded. Without a budget it waits for
   * one that `raiseLimits` gives a session.
   */
  readonly enforceBudget?: boolean | undefined
  /** What to do with a turn whose model has no price. Default `'allow'`: its tokens are counted and reported as unpriced. */
  readonly unpricedModels?: 'allow' | 'refuse' | undefined
  /** What a session may use in all. Overrunning one throws, and refuses the turns after it. Default: no limits. */
  readonly usageLimits?: UsageLimitsInput | undefined
  /** Limits on a session, its thread or its project, in the order in which they are checked. Default: none. */
  readonly governance?: readonly GovernanceLimitInput[] | undefined
  /** Turns per session. Default 25. */
  readonly maxIterations?: number | 'unlimited' | undefined
  /** Gives up on one model call after this many milliseconds. `null`, the default: never. */
  readonly turnTimeoutMs?: number | null | undefined
  /** Gives up on one tool call after this many milliseconds. `null`, the default: never. */
  readonly toolTimeoutMs?: number | null | undefined
  /** A rate limit of its own, or the name of one that is configured. */
  readonly rateLimit?: RateLimitOptions | string | undefined
  /** The longest wait for the rate limit, in milliseconds. When it would take longer, that is thrown at once. 0: never waits. Default 300,000. */
  readonly maxRateLimitWaitMs?: number | undefined
  /** Providers of its own, or the name of some that are configured. */
  readonly providers?: ProvidersOptions | string | undefined
  /** A breaker of its own, or the name of one that is configured. */
  readonly circuitBreaker?: CircuitBreakerOptions | string | undefined
  /** Default: every tool is allowed. */
  readonly permissions?: PermissionsInput | undefined
  readonly guardrails?: readonly Guardrail[] | undefined
  /** Functions around model calls, tool calls and handoffs, in the order in which they run. */
  readonly hooks?: readonly Hook[] | undefined
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

/** An orchestrator's options, checked and split into what the log keeps and what only this process has. */
export interface ParsedOrchestrator {
  readonly config: OrchestratorConfig
  /** Of what is shared by name and configured here. `null`: nothing is, or by name only. */
  readonly shared: SharedSettings
  readonly functions: OrchestratorFunctions
}

export interface SharedSettings {
  readonly breaker: BreakerSettings | null
  readonly rateLimit: RateLimitSettings | null
  readonly providers: ProviderRouter | null
}

export interface OrchestratorFunctions extends TurnFunctions {
  readonly conditions: Readonly<Record<string, CustomCondition>>
  readonly readUsage: ((value: never) => UsageInput) | undefined
}

const DEFAULT_MAX_ITERATIONS = 25

// Not a union: that would tell which of the two did not fit, and not which field. What an object must be is checked by its parser.
const shared = v.custom<object | string>(
  (given) => (typeof given === 'object' && given !== null) || v.is(nonBlank, given),
  'a name or an object with a name',
)

const schema = strictOptions(
  {
    role: nonBlank,
    phase: nonBlank,
    projectId: v.optional(v.nullable(count), null),
    model: v.optional(nonBlank),
    budgetUsd: v.optional(v.nullable(amount), null),
    enforceBudget: v.optional(flag, false),
    unpricedModels: v.optional(oneOf(['allow', 'refuse']), 'allow'),
    usageLimits: v.optional(v.unknown()),
    governance: v.optional(governanceSchema, []),
    maxIterations: v.optional(iterationLimit, DEFAULT_MAX_ITERATIONS),
    turnTimeoutMs: v.optional(v.nullable(delayMs), null),
    toolTimeoutMs: v.optional(v.nullable(delayMs), null),
    rateLimit: v.optional(shared),
    maxRateLimitWaitMs: v.optional(amount, 300_000),
    providers: v.optional(shared),
    circuitBreaker: v.optional(shared),
    permissions: v.optional(permissionsSchema),
    guardrails: v.optional(guardrailsSchema),
    hooks: v.optional(hooksSchema),
    policy: v.optional(policySchema, []),
    conditions: v.optional(conditionsSchema, {}),
    qualityGate: v.optional(v.unknown()),
    handoffTargets: v.optional(v.array(nonBlank, 'a list of roles')),
    recovery: v.optional(recoverySchema, {}),
    readUsage: v.optional(functionOf<(value: never) => UsageInput>('a function')),
  },
  'an object with a role and a phase',
)

/** @throws {InvalidArgumentError} Names the first field that does not fit, and its value. */
export function parseOrchestrator(options: OrchestratorOptions): ParsedOrchestrator {
  const parsed = parse(schema, options, '')
  const { conditions, policy } = parsed
  const { guardrails = [], hooks = [] } = options
  for (const [index, rule] of policy.entries()) assertKnownConditions(rule.condition, conditions, `policy[${index}]`)
  const breaker = parseShared(options.circuitBreaker, 'circuitBreaker', parseBreaker)
  const rateLimit = parseShared(options.rateLimit, 'rateLimit', parseRateLimit)
  const providers = parseShared(options.providers, 'providers', parseProviders)
  const recovery = parseRecovery(parsed.recovery)
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
      usageLimits: options.usageLimits === undefined ? null : parseUsageLimits(options.usageLimits),
      governance: parsed.governance.map(normalizeGovernanceLimit),
      turnTimeoutMs: parsed.turnTimeoutMs,
      toolTimeoutMs: parsed.toolTimeoutMs,
      rateLimit: rateLimit.name,
      maxRateLimitWaitMs: parsed.maxRateLimitWaitMs,
      providers: providers.name,
      breaker: breaker.name,
      permissions: parsed.permissions ? normalizePermissions(parsed.permissions) : null,
      policy,
      qualityGate: parsed.qualityGate === undefined ? null : parseQualityLevel('qualityGate', parsed.qualityGate),
      guardrails: guardrails.map(({ name }) => name),
      hooks: hooks.map(({ name }) => name),
      recovery: recovery.config,
      handoffTargets: parsed.handoffTargets ?? null,
    },
    shared: { breaker: breaker.settings, rateLimit: rateLimit.settings, providers: providers.settings },
    functions: { guardrails, hooks, conditions, recovery: recovery.handlers, readUsage: parsed.readUsage },
  }
}

/** What is given by name, or configured on the spot. */
function parseShared<Options extends object, Settings>(
  given: Options | string | undefined,
  field: string,
  parseOptions: (options: Options, field: string) => { readonly name: string; readonly settings: Settings },
): { readonly name: string | null; readonly settings: Settings | null } {
  if (typeof given === 'object') return parseOptions(given, field)
  return { name: given ?? null, settings: null }
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
