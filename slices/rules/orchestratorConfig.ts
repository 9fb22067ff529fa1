import type { Scenario } from './failures.js'
import type { GovernanceLimit } from './governance.js'
import type { PermissionPolicy } from './permissions.js'
import type { PolicyRule } from './policy.js'
import type { QualityLevel } from './quality.js'
import type { BackoffSettings, Recipe } from './recipes.js'
import type { UsageLimits } from './usageLimits.js'

/** What is done about failed calls, without its functions. */
export interface RecoveryConfig {
  readonly mode: 'record' | 'execute'
  /** Instead of the built-in ones. */
  readonly recipes: Readonly<Partial<Record<Scenario, Recipe>>>
  readonly backoff: BackoffSettings
  /** The longest wait before a call is tried again. When more is asked for, the recovery fails. */
  readonly maxRetryAfterMs: number
  /** What to do when a recipe that alerts a person is used up: ask one, or give up. */
  readonly escalation: 'pause' | 'rethrow'
  /** How long a person has to answer. `null`: for ever. */
  readonly escalationTimeoutMs: number | null
}

/** The part of an orchestrator's configuration that is data. It is kept in the log, so that a log decides alike wherever it is replayed. */
export interface OrchestratorConfig {
  readonly role: string
  readonly phase: string
  readonly projectId: number | null
  /** The model of turns that name none. */
  readonly model: string | null
  readonly budgetUsd: number | null
  readonly enforceBudget: boolean
  readonly unpricedModels: 'allow' | 'refuse'
  readonly maxIterations: number | null
  readonly usageLimits: UsageLimits | null
  /** In the order in which they are checked. */
  readonly governance: readonly GovernanceLimit[]
  readonly turnTimeoutMs: number | null
  readonly toolTimeoutMs: number | null
  /** The name of its rate limit. */
  readonly rateLimit: string | null
  /** The longest wait for a rate limit. */
  readonly maxRateLimitWaitMs: number
  /** The name of its providers. */
  readonly providers: string | null
  /** The name of its circuit breaker. */
  readonly breaker: string | null
  readonly permissions: PermissionPolicy | null
  readonly policy: readonly PolicyRule[]
  readonly qualityGate: QualityLevel | null
  /** Names, in the order in which they run. The functions stay outside. */
  readonly guardrails: readonly string[]
  /** Names, in the order in which they run. */
  readonly hooks: readonly string[]
  readonly recovery: RecoveryConfig
  /** The roles it may hand off to. `null`: any. */
  readonly handoffTargets: readonly string[] | null
}
