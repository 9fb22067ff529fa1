import type { PermissionPolicy } from './permissions.js'
import type { PolicyRule } from './policy.js'
import type { QualityLevel } from './quality.js'

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
  readonly turnTimeoutMs: number | null
  /** The name of its circuit breaker. */
  readonly breaker: string | null
  readonly permissions: PermissionPolicy | null
  readonly policy: readonly PolicyRule[]
  readonly qualityGate: QualityLevel | null
  /** Names, in the order in which they run. The functions stay outside. */
  readonly guardrails: readonly string[]
  /** The roles it may hand off to. `null`: any. */
  readonly handoffTargets: readonly string[] | null
}
