import { fact, type FactCreator } from './fact.js'
import type { AnswerKind, AnswerOutcome } from './rules/answers.js'
import type { Admission, BreakerOutcome, BreakerSettings } from './rules/breaker.js'
import type { ErrorInfo } from './rules/errors.js'
import type { FailureClass, Scenario } from './rules/failures.js'
import type { Breach } from './rules/governance.js'
import type { Json, JsonObject } from './rules/json.js'
import type { RaisedLimits } from './rules/limits.js'
import type { OrchestratorConfig } from './rules/orchestratorConfig.js'
import type { PolicyAction, PolicyContext } from './rules/policy.js'
import type { PriceEntry, PriceId } from './rules/prices.js'
import type { QualityLevel } from './rules/quality.js'
import type { RecoveryStep } from './rules/recipes.js'
import type { ProviderRouter, Route } from './rules/routing.js'
import type { BucketSettings, RateLimitBucket } from './rules/tokenBucket.js'
import type { UsageSnapshot } from './rules/tokens.js'
import type { ExceededLimit } from './rules/usageLimits.js'

/*
 * Everything that can happen. Facts are past tense, owner first; many slices answer to the same one.
 * No payload holds a prompt, a result or an error message, unless the user opted in for that call.
 */

/** Minted by the runtime, in sequence: `session-17`. */
export type SessionId = string
/** In sequence within the session: `turn-3`. */
export type TurnId = string
/** In sequence within the session: `tool-5`. */
export type ToolCallId = string
/** A turn or a tool call. */
export type CallId = string
/** In sequence within the session: `request-2`. */
export type RequestId = string

// --- runtime -------------------------------------------------------------------------------------------------------------------

export const orchestratorRegistered = fact<{
  readonly orchestratorId: string
  readonly config: OrchestratorConfig
}>()('orchestrators/registered')

export const pricingRegistered = fact<{ readonly entries: readonly PriceEntry[] }>()('pricing/registered')

export const breakerConfigured = fact<{
  readonly name: string
  readonly settings: BreakerSettings
}>()('breakers/configured')

export const breakerReset = fact<{ readonly name: string }>()('breakers/reset')

export const rateLimitsConfigured = fact<{
  readonly name: string
  readonly buckets: Readonly<Partial<Record<RateLimitBucket, BucketSettings>>>
}>()('rateLimits/configured')

/** Tokens were taken from buckets, before a call or after it. Negative ones were given back. */
export const rateLimitsCharged = fact<{
  readonly sessionId: SessionId
  readonly name: string
  readonly tokens: Readonly<Partial<Record<RateLimitBucket, number>>>
}>()('rateLimits/charged')

export const providersConfigured = fact<{
  readonly name: string
  readonly router: ProviderRouter
}>()('providers/configured')

/** Somebody outside of a turn saw the other side answer, or fail. */
export const breakerOutcomeRecorded = fact<{
  readonly name: string
  readonly outcome: 'success' | 'failure'
}>()('breakers/outcomeRecorded')

// --- sessions ------------------------------------------------------------------------------------------------------------------

/** A session began, or picked up the handoff that registered its worker. */
export const sessionOpened = fact<{
  readonly sessionId: SessionId
  readonly orchestratorId: string
  readonly role: string
  readonly phase: string
  readonly projectId: number | null
  readonly threadId: string | null
  /** Under which name its thread knows what its function returns. `null`: it has no thread, or no function. */
  readonly run: string | null
  /** Whether the results of its calls are recorded, so that another process can take it up. */
  readonly results: RecordedResults
}>()('sessions/opened')

export type RecordedResults = 'none' | 'json'

/** Another process took up a session that was parked. What its function asks for again is answered from the log. */
export const sessionResumed = fact<{
  readonly sessionId: SessionId
  readonly orchestratorId: string
}>()('sessions/resumed')

/** The function of a session has returned. Its thread answers with that from now on. */
export const sessionReturned = fact<{
  readonly sessionId: SessionId
  readonly threadId: string
  readonly run: string
  readonly outcome: AnswerOutcome
}>()('sessions/returned')

export const sessionCompleted = fact<{
  readonly sessionId: SessionId
  readonly detail?: string
}>()('sessions/completed')

export const sessionFailed = fact<{
  readonly sessionId: SessionId
  readonly failureClass: FailureClass
  readonly detail: string
}>()('sessions/failed')

export const sessionCancelled = fact<{
  readonly sessionId: SessionId
  readonly detail?: string
}>()('sessions/cancelled')

/** Its process goes down, has ended, or could not go on. The session has not ended; its thread can be taken up again. */
export const sessionParked = fact<{ readonly sessionId: SessionId }>()('sessions/parked')

/** A session may use more than its orchestrator says. Fields that are absent stay as they are. */
export const limitsRaised = fact<{
  readonly sessionId: SessionId
  readonly limits: RaisedLimits
}>()('limits/raised')

/** Ended sessions were forgotten. What they used stays in the totals. */
export const sessionsEvicted = fact<{ readonly sessionIds: readonly SessionId[] }>()('sessions/evicted')

/** Threads that had no new session for the longest time were forgotten, with what they keep for idempotency keys. */
export const threadsEvicted = fact<{ readonly threadIds: readonly string[] }>()('threads/evicted')

// --- turns ---------------------------------------------------------------------------------------------------------------------

export const turnStarted = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly model: string | null
  /** How its circuit breaker let it through. `null`: it has none. */
  readonly admission: Admission | null
  /** Which provider it was routed to. `null`: it has no router. */
  readonly route: Route | null
  /** `null`: no limit. */
  readonly timeoutMs: number | null
  /** US dollars that it is expected to cost at most. They count against the budget until its call has ended. */
  readonly reservedUsd: number
}>()('turns/started')

/** A turn was not run. The model was not called. */
export const turnRefused = fact<{
  readonly sessionId: SessionId
  readonly model: string | null
  /** The code of the error. */
  readonly reason:
    | 'budget_exceeded'
    | 'circuit_open'
    | 'governance_breach'
    | 'guardrail_violated'
    | 'hook_failed'
    | 'max_iterations_exceeded'
    | 'rate_limit_exceeded'
    | 'unpriced_model'
    | 'usage_limit_exceeded'
}>()('turns/refused')

/** A call of a turn's function ended, whatever its outcome. */
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

export interface TurnFailure {
  readonly error: ErrorInfo
  readonly scenario: Scenario
  readonly failureClass: FailureClass
  readonly breakerOutcome: BreakerOutcome
}

export const turnCompleted = fact<TurnEnded>()('turns/completed')

/** What the caller of a turn with an idempotency key gets. The key answers with it from now on. */
export const turnKept = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly key: string
  /** Of the model and the input. */
  readonly fingerprint: string
  readonly model: string | null
  readonly price: PriceId
  readonly usage: UsageSnapshot
  readonly result: Json
}>()('turns/kept')

/** The call failed or timed out, and the turn with it. `usage` is what is known to have been used until then. */
export const turnFailed = fact<TurnEnded & TurnFailure>()('turns/failed')

/** The call failed, and a recovery is tried: the turn goes on. */
export const turnAttemptFailed = fact<TurnEnded & TurnFailure & { readonly attempt: number }>()('turns/attemptFailed')

/** The turn's function is called again. */
export const turnRetried = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly model: string | null
  /** From 2. */
  readonly attempt: number
  /** What was done since the call before. */
  readonly steps: readonly RecoveryStep[]
  /** How long the recovery backed off. Waits for a rate limit or a person are not in it. */
  readonly waitedMs: number
  readonly admission: Admission | null
  readonly route: Route | null
  /** What part of the context to send, from 0 to 1. */
  readonly contextScale: number
  /** What part of the tools to offer, from 0 to 1. */
  readonly toolScale: number
  /** US dollars that this call is expected to cost at most. */
  readonly reservedUsd: number
}>()('turns/retried')

/** The call was aborted. `usage` is what is known to have been used until then. */
export const turnCancelled = fact<
  TurnEnded & {
    /**
     * By its signal, the end of its session or itself; because nobody read its stream to the end; or because its process ended, so
     * that nobody knows what it used.
     */
    readonly by: 'abort' | 'abandoned_stream' | 'process_ended'
  }
>()('turns/cancelled')

/** A guardrail blocked what a turn answered. */
export const turnBlocked = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId | null
  readonly stage: 'pre' | 'post'
  readonly guardrails: readonly string[]
}>()('turns/blocked')

/** A turn was answered by an earlier one with the same idempotency key. Its function was not called. */
export const turnReplayed = fact<{
  readonly sessionId: SessionId
  readonly key: string
  readonly original: { readonly sessionId: SessionId; readonly turnId: TurnId }
  readonly model: string | null
  readonly price: PriceId
  readonly usage: UsageSnapshot
}>()('turns/replayed')

/** A piece of a stream. Recorded only for turns that keep their chunks. */
export const turnChunked = fact<{
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly text: string
}>()('turns/chunked')

/** What was done about a failed call. */
export const recoveryAttempted = fact<{
  readonly sessionId: SessionId
  /** The turn, or the tool call. */
  readonly callId: CallId
  readonly scenario: Scenario
  readonly outcome: 'recovered' | 'partial_recovery' | 'escalation_required'
  readonly recoveredSteps: readonly RecoveryStep[]
  readonly remainingSteps: readonly RecoveryStep[]
  readonly reason: string
}>()('recovery/attempted')

// --- limits --------------------------------------------------------------------------------------------------------------------

export const budgetExceeded = fact<{
  readonly sessionId: SessionId
  readonly budgetUsd: number
  readonly costUsd: number
  readonly enforced: boolean
}>()('budgets/exceeded')

export const usageLimitExceeded = fact<{ readonly sessionId: SessionId } & ExceededLimit>()('limits/exceeded')

export const governanceAlerted = fact<{ readonly sessionId: SessionId } & Breach>()('governance/alerted')

export const governanceBreached = fact<{ readonly sessionId: SessionId } & Breach>()('governance/breached')

/** Somebody decided that the failures in a row so far do not count any more. */
export const failuresCleared = fact<{ readonly sessionId: SessionId }>()('governance/failuresCleared')

// --- tools ---------------------------------------------------------------------------------------------------------------------

export const toolStarted = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  /** Of its name and arguments. `null`: no arguments were given. */
  readonly fingerprint: string | null
  /** `null`: no limit. */
  readonly timeoutMs: number | null
  /** Whether it may be called again after an outcome that nobody knows. */
  readonly idempotent: boolean
  /** Fingerprint of the call as the session's function made it. Only where answers are kept. */
  readonly asked?: string | null
  /** The call without an answer that is made again by this one. */
  readonly replaces?: ToolCallId
}>()('tools/started')

export const toolCompleted = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
}>()('tools/completed')

export const toolFailed = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  readonly error: ErrorInfo
}>()('tools/failed')

/** The call failed, and a recovery is tried: the tool is called again. */
export const toolAttemptFailed = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  readonly attempt: number
  readonly error: ErrorInfo
}>()('tools/attemptFailed')

export const toolRetried = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  /** From 2. */
  readonly attempt: number
  /** How long the recovery backed off. */
  readonly waitedMs: number
}>()('tools/retried')

export const toolCancelled = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
}>()('tools/cancelled')

/** Its process ended while it ran. Nobody knows what it did. */
export const toolInterrupted = fact<{
  readonly sessionId: SessionId
  readonly toolCallId: ToolCallId
  readonly tool: string
  readonly fingerprint: string | null
  readonly idempotent: boolean
}>()('tools/interrupted')

/** A tool call was not made, or its result was withheld. With a `toolCallId` the tool had been called. */
export const toolBlocked = fact<{
  readonly sessionId: SessionId
  readonly tool: string
  readonly toolCallId: ToolCallId | null
  readonly by: ToolBlock
}>()('tools/blocked')

export type ToolBlock =
  | { readonly kind: 'permission'; readonly reason: string }
  | { readonly kind: 'guardrail'; readonly stage: 'pre' | 'post'; readonly guardrails: readonly string[] }
  | { readonly kind: 'usage_limit' | 'governance' | 'hook' | 'approval' }

// --- people --------------------------------------------------------------------------------------------------------------------

/** A question of the session's function, or a recovery that needs a decision. */
export type InputKind = 'human_input' | 'escalation'

/** The session waits for a person. */
export const inputRequested = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  /** Shown to the person. */
  readonly prompt: string
  readonly kind: InputKind
  /** `null`: waits for ever. */
  readonly timeoutMs: number | null
}>()('inputs/requested')

export const inputProvided = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly kind: InputKind
  readonly value: Json
}>()('inputs/provided')

/** Nobody answered in time. */
export const inputExpired = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly kind: InputKind
}>()('inputs/expired')

/** Whoever asked does not wait any more. */
export const inputCancelled = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly kind: InputKind
}>()('inputs/cancelled')

/** A tool call waits for a person's approval. */
export const approvalRequested = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly tool: string
  /** Of the tool's name and arguments: what exactly is to be approved. */
  readonly fingerprint: string | null
  /** What the person is shown. Only what the caller gave for that. */
  readonly preview: Json
  /** `null`: waits for ever. */
  readonly timeoutMs: number | null
  /** Fingerprint of the call as the session's function made it. Only where answers are kept. */
  readonly asked?: string | null
}>()('approvals/requested')

export const approvalResolved = fact<{
  readonly sessionId: SessionId
  readonly requestId: RequestId
  /** Of the call that it was decided about. */
  readonly fingerprint: string | null
  /** `expired`: nobody decided in time. `cancelled`: whoever asked does not wait any more. */
  readonly decision: 'approved' | 'edited' | 'rejected' | 'expired' | 'cancelled'
  /** The arguments to call the tool with instead. */
  readonly args?: Json
  readonly reason?: string
}>()('approvals/resolved')

// --- journal -------------------------------------------------------------------------------------------------------------------

/** What the session's function got. It gets the same when it asks for it again in another process. */
export const callAnswered = fact<{
  readonly sessionId: SessionId
  readonly kind: AnswerKind
  readonly name: string
  /** Of what was asked for. `null`: it is not JSON. */
  readonly fingerprint: string | null
  readonly outcome: AnswerOutcome
}>()('calls/answered')

// --- gates, policies, handoffs, sinks ------------------------------------------------------------------------------------------

export const gateEvaluated = fact<{
  readonly sessionId: SessionId
  readonly required: QualityLevel
  readonly observed: QualityLevel | null
  readonly satisfied: boolean
}>()('gates/evaluated')

export const policyEvaluated = fact<{
  readonly sessionId: SessionId
  readonly context: PolicyContext
  readonly fired: readonly string[]
  readonly actions: readonly PolicyAction[]
}>()('policies/evaluated')

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
}>()('handoffs/issued')

/** A sink threw. The session went on. */
export const sinkFailed = fact<{
  /** `null`: it was told of something that belongs to no session. */
  readonly sessionId: SessionId | null
  readonly component: 'fact_sink' | 'event_sink' | 'usage_sink'
  readonly sink: string
  readonly error: ErrorInfo
  /** How many items the sink lost. */
  readonly dropped: number
}>()('sinks/failed')

export type FactPayload<Creator> = Creator extends FactCreator<infer Payload> ? Payload : never
