import { fact, type FactCreator } from './fact.js'
import type { Admission, BreakerOutcome, BreakerSettings } from './rules/breaker.js'
import type { ErrorInfo } from './rules/errors.js'
import type { FailureClass, Scenario } from './rules/failures.js'
import type { JsonObject } from './rules/json.js'
import type { OrchestratorConfig } from './rules/orchestratorConfig.js'
import type { PolicyAction, PolicyContext } from './rules/policy.js'
import type { PriceEntry, PriceId } from './rules/prices.js'
import type { QualityLevel } from './rules/quality.js'
import type { RecoveryStep } from './rules/recipes.js'
import type { UsageSnapshot } from './rules/tokens.js'

/*
 * Everything that can happen. Facts are past tense, owner first; many slices answer to the same one.
 * No payload holds a prompt, a result or an error message.
 */

/** Minted by the runtime, in sequence: `session-17`. */
export type SessionId = string
/** In sequence within the session: `turn-3`. */
export type TurnId = string
/** In sequence within the session: `tool-5`. */
export type ToolCallId = string

// --- runtime -------------------------------------------------------------------------------------------------------------------

export const orchestratorRegistered = fact<{
  readonly orchestratorId: string
  readonly config: OrchestratorConfig
}>('orchestrators/registered')

export const pricingRegistered = fact<{ readonly entries: readonly PriceEntry[] }>('pricing/registered')

export const breakerConfigured = fact<{
  readonly name: string
  readonly settings: BreakerSettings
}>('breakers/configured')

export const breakerReset = fact<{ readonly name: string }>('breakers/reset')

/** Somebody outside of a turn saw the other side answer, or fail. */
export const breakerOutcomeRecorded = fact<{
  readonly name: string
  readonly outcome: 'success' | 'failure'
}>('breakers/outcomeRecorded')

// --- sessions ------------------------------------------------------------------------------------------------------------------

/** A session began, or picked up the handoff that registered its worker. */
export const sessionOpened = fact<{
  readonly sessionId: SessionId
  readonly orchestratorId: string
  readonly role: string
  readonly phase: string
  readonly projectId: number | null
  readonly threadId: string | null
}>('sessions/opened')

export const sessionCompleted = fact<{
  readonly sessionId: SessionId
  readonly detail?: string
}>('sessions/completed')

export const sessionFailed = fact<{
  readonly sessionId: SessionId
  readonly failureClass: FailureClass
  readonly detail: string
}>('sessions/failed')

export const sessionCancelled = fact<{
  readonly sessionId: SessionId
  readonly detail?: string
}>('sessions/cancelled')

/** Ended sessions were forgotten. What they used stays in the totals. */
export const sessionsEvicted = fact<{ readonly sessionIds: readonly SessionId[] }>('sessions/evicted')

// --- turns ---------------------------------------------------------------------------------------------------------------------

export const turnStarted = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly model: string | null
  /** How its circuit breaker let it through. `null`: it has none. */
  readonly admission: Admission | null
  /** `null`: no limit. */
  readonly timeoutMs: number | null
}>('turns/started')

/** A turn was not run. The model was not called. */
export const turnRefused = fact<{
  readonly sessionId: SessionId
  readonly model: string | null
  /** The code of the error. */
  readonly reason: 'budget_exceeded' | 'max_iterations_exceeded' | 'circuit_open' | 'unpriced_model'
}>('turns/refused')

/** How a turn ended, whatever its outcome. */
export interface TurnEnded {
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly model: string | null
  /** The price in force, as a position in the price list. */
  readonly price: PriceId
  readonly usage: UsageSnapshot
  /** Whether anybody said what was used. If not, `usage` is 0 and the call may still have cost something. */
  readonly metered: boolean
  readonly admission: Admission | null
}

export const turnCompleted = fact<TurnEnded>('turns/completed')

/** The call failed or timed out. `usage` is what is known to have been used until then. */
export const turnFailed = fact<
  TurnEnded & {
    readonly error: ErrorInfo
    readonly scenario: Scenario
    readonly failureClass: FailureClass
    readonly breakerOutcome: BreakerOutcome
  }
>('turns/failed')

/** The call was aborted, by its signal, by the end of its session or by itself. `usage` is what is known to have been used until then. */
export const turnCancelled = fact<TurnEnded>('turns/cancelled')

/** A guardrail blocked a turn: before the model was called, or what it answered. */
export const turnBlocked = fact<{
  readonly sessionId: SessionId
  readonly turnId?: TurnId
  readonly stage: 'pre' | 'post'
  readonly guardrails: readonly string[]
}>('turns/blocked')

/** What was done about a failed turn. */
export const recoveryAttempted = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly scenario: Scenario
  readonly outcome: 'recovered' | 'partial_recovery' | 'escalation_required'
  readonly recoveredSteps: readonly RecoveryStep[]
  readonly remainingSteps: readonly RecoveryStep[]
  readonly reason: string
}>('recovery/attempted')

export const budgetExceeded = fact<{
  readonly sessionId: SessionId
  readonly budgetUsd: number
  readonly costUsd: number
  readonly enforced: boolean
}>('budgets/exceeded')

// --- tools ---------------------------------------------------------------------------------------------------------------------

export const toolStarted = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  /** `null`: no limit. */
  readonly timeoutMs: number | null
}>('tools/started')

export const toolCompleted = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
}>('tools/completed')

export const toolFailed = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  readonly error: ErrorInfo
}>('tools/failed')

export const toolCancelled = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
}>('tools/cancelled')

/** A tool call was denied, or its result was. With a `toolCallId` the tool had been called. */
export const toolBlocked = fact<{
  readonly sessionId: SessionId
  readonly tool: string
  readonly toolCallId?: ToolCallId
  readonly by: { readonly kind: 'permission'; readonly reason: string } | GuardrailBlock
}>('tools/blocked')

export interface GuardrailBlock {
  readonly kind: 'guardrail'
  readonly stage: 'pre' | 'post'
  readonly guardrails: readonly string[]
}

// --- gates, policies, handoffs, sinks ------------------------------------------------------------------------------------------

export const gateEvaluated = fact<{
  readonly sessionId: SessionId
  readonly required: QualityLevel
  readonly observed: QualityLevel | null
  readonly satisfied: boolean
}>('gates/evaluated')

export const policyEvaluated = fact<{
  readonly sessionId: SessionId
  readonly context: PolicyContext
  readonly fired: readonly string[]
  readonly actions: readonly PolicyAction[]
}>('policies/evaluated')

/** The session ended by passing its work on. The worker that will pick it up is registered with this fact. */
export const handoffIssued = fact<{
  readonly sessionId: SessionId
  readonly targetSessionId: SessionId
  readonly sourceRole: string
  readonly targetRole: string
  readonly phase: string
  readonly projectId: number | null
  readonly reason: string
  readonly context: JsonObject
}>('handoffs/issued')

/** A sink threw. The session went on. */
export const sinkFailed = fact<{
  /** `null`: it was told of something that belongs to no session. */
  readonly sessionId: SessionId | null
  readonly component: 'fact_sink' | 'event_sink' | 'usage_sink'
  readonly sink: string
  readonly error: ErrorInfo
}>('sinks/failed')

export type FactPayload<Creator> = Creator extends FactCreator<infer Payload> ? Payload : never
