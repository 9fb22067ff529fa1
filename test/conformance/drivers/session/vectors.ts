import type {
  BucketSettings,
  FailureClass,
  GovernanceLimitInput,
  HookPoint,
  JsonObject,
  ModelPricing,
  PolicyRule,
  UsageInput,
} from '../../../../src/index.js'
import type { ErrorDescription } from '../../errors.js'
import type { ReferenceGuardrail } from '../guardrails.js'
import type { ReferencePermissions } from '../permissions.js'

/*
 * How the vectors describe sessions.
 */

export interface Input {
  readonly pricing: Readonly<Record<string, ModelPricing>>
  readonly orchestrator: ReferenceOrchestrator
  readonly sessions: readonly { readonly threadId?: string; readonly steps: readonly Step[] }[]
}

export interface ReferenceOrchestrator {
  readonly role?: string
  readonly phase?: string
  readonly projectId?: number
  readonly budgetUsd?: number
  readonly enforceBudget?: boolean
  readonly maxIterations?: number
  readonly permissions?: ReferencePermissions
  readonly breaker?: {
    readonly name: string
    readonly failureThreshold?: number
    readonly recoveryTimeoutSeconds?: number
    readonly halfOpenMaxProbes?: number
  }
  readonly guardrails?: readonly ReferenceGuardrail[]
  readonly policyRules?: readonly PolicyRule[]
  readonly qualityGate?: string
  readonly eventSinkFailsAt?: readonly number[]
  readonly saver?: boolean
  readonly governance?: readonly GovernanceLimitInput[]
  readonly usageLimits?: Readonly<Record<string, number | null>>
  readonly rateLimiter?: Readonly<Partial<Record<'rpm' | 'input_tpm' | 'output_tpm', BucketSettings>>>
  readonly hooks?: readonly ReferenceHook[]
}

export type ReferenceHook =
  | { readonly kind: 'redactPii' }
  | { readonly kind: 'appendResult'; readonly suffix: string }
  | { readonly kind: 'throwBefore'; readonly at: HookPoint; readonly error: ErrorDescription }

export interface Step {
  readonly op: string
  readonly catch?: boolean
  readonly outcome?: { readonly value?: unknown; readonly raise?: ErrorDescription; readonly hang?: boolean }
  readonly model?: string
  readonly usage?: UsageInput
  readonly idempotencyKey?: string
  readonly timeoutSeconds?: number
  readonly tool?: string
  readonly targetRole?: string
  readonly reason?: string
  readonly context?: JsonObject
  readonly observed?: string
  readonly detail?: string
  readonly failureClass?: FailureClass
  readonly error?: ErrorDescription
  readonly seconds?: number
  readonly chunks?: readonly string[]
  readonly raise?: ErrorDescription
  readonly hang?: boolean
  readonly stopAfter?: number
  readonly prompt?: string
  readonly value?: string
  readonly cancelSessionWhilePaused?: boolean
  readonly secondPause?: boolean
  readonly [policyContext: string]: unknown
}

export interface ExpectedSession {
  readonly steps: readonly Record<string, unknown>[]
  readonly exitError: string | null
  readonly status: string
  readonly iterations: number
  readonly events: readonly Record<string, unknown>[]
  readonly workerTransitions: readonly Record<string, unknown>[]
  readonly usage: object
  readonly perModelCost: object
  readonly recoveryEvents: readonly object[]
  readonly breaker?: object
  readonly governance?: object
}

export interface Expected {
  readonly sessions: readonly ExpectedSession[]
  readonly workers: readonly object[]
  readonly usageRecords: readonly object[]
}
