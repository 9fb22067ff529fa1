// Runtime
export { createAgentRuntime, openAgentRuntime } from './runtime.js'
export { createAgentModule, type AgentModule } from './module/module.js'
export type { AgentCommands } from './module/commands.js'
export { devChecks, type DevChecks } from './module/devChecks.js'
export type { AgentSelectors } from './module/agentSelectors.js'
export type { ShowingStore } from './store/shownState.js'
export type { AgentRuntime } from './agentRuntime.js'
export type { ModuleOptions, RecordOptions, RuntimeOptions } from './config/runtime.js'
export type { PricingOptions } from './registrations.js'
export { selectorsOf, type BoundSelectors } from './select.js'
export type { BreakerHandle, BreakerView } from './breaker.js'
export { createSystemClock } from './clock.js'
export type { Clock } from '../sagas/clock.js'
export type { RuntimeWarning } from '../sagas/saidWarnings.js'

// Orchestrators and sessions
export type { OrchestratorOptions } from './config/orchestrator.js'
export type { RateLimitOptions } from './config/rateLimit.js'
export type { ProvidersOptions } from './config/providers.js'
export type { RecipeOptions, RecoveryOptions } from './config/recovery.js'
export type { RaiseLimitsOptions } from './config/limits.js'
export type { CircuitBreakerOptions } from './config/breaker.js'
export type { Orchestrator, RunOptions, SessionOptions } from './orchestrator.js'
export type { AgentSession } from './session.js'
export type {
  ApprovalOptions,
  HandoffOptions,
  PauseOptions,
  StreamOptions,
  StepOptions,
  StreamTimeouts,
  ToolOptions,
  ToolsOptions,
  ToolSpec,
  TurnOptions,
} from './options.js'
export type { ApprovalDecision } from '../sagas/approvals.js'
export type { Drained } from '../sagas/drain.js'
export type { FinalEvent, StreamEvent, StreamThunk } from '../sagas/stream.js'
export type { TurnCall, TurnResult, TurnThunk } from '../sagas/turnRequest.js'
export type { ToolCall, ToolThunk } from '../sagas/toolRequest.js'
export type { PolicyArguments } from '../sagas/policy.js'
export type { AskedRequest } from '../slices/pendingRequests.js'
export type { PendingApproval, PendingInput, PendingRequest } from '../slices/requests.js'
export type { OrchestratorConfig, RecoveryConfig } from '../slices/rules/orchestratorConfig.js'
export type { BreakerSettings, BreakerState } from '../slices/rules/breaker.js'
export type { FactPayload } from '../slices/facts.js'
export type { KeptTurn, Scope, Thread } from '../slices/scopes.js'
export type { RecoveryHandlers, RecoveryInfo, StepHandler, StepInfo } from '../sagas/recovery.js'
export type {
  Guardrail,
  GuardrailStage,
  GuardrailSubject,
  GuardrailVerdict,
  GuardrailViolation,
} from '../sagas/guardrails.js'

// Guardrails
export { createPatternGuardrail, type PatternGuardrailOptions } from './guardrails/pattern.js'
export { createPromptInjectionGuardrail, type PromptInjectionGuardrailOptions } from './guardrails/promptInjection.js'
export { createOutputIntegrityGuardrail, type OutputIntegrityGuardrailOptions } from './guardrails/outputIntegrity.js'
export type { DenyPattern } from './guardrails/denyPatterns.js'
export type { InjectionFamily } from './guardrails/injectionFamilies.js'

// Errors
export {
  AgentRuntimeError,
  AlreadyRegisteredError,
  InvalidArgumentError,
  NotFoundError,
  PaidTurnError,
  type ErrorInfo,
} from '../slices/rules/errors.js'
export { BudgetExceededError, UnpricedModelError } from '../slices/budgets.js'
export { MaxIterationsExceededError } from '../slices/turns.js'
export { CircuitOpenError } from '../slices/rules/breaker.js'
export { InvalidTransitionError } from '../slices/rules/lifecycle.js'
export { GuardrailViolatedError } from '../sagas/guardrails.js'
export {
  RuntimeDrainingError,
  SessionCancelledError,
  SessionEndedError,
  SessionParkedError,
} from '../sagas/sessionErrors.js'
export { PermissionDeniedError, ToolTimeoutError } from '../sagas/toolRequest.js'
export { ModuleNotConnectedError } from './module/notConnectedError.js'
export { TimeTravellingError } from '../sagas/timeTravel.js'
export { TurnTimeoutError, UsageUnreadableError } from '../sagas/turnRequest.js'
export { ApprovalMismatchError, ApprovalRejectedError } from '../sagas/approvals.js'
export { IdempotencyConflictError, ResultNotSerializableError } from '../sagas/idempotency.js'
export { InputPendingError, InputTimeoutError } from '../sagas/inputErrors.js'
export { OutcomeUnknownError } from '../sagas/outcomeUnknown.js'
export type { RecordedAbout, Redact } from '../sagas/recording.js'
export { ReplayDivergenceError } from '../sagas/resumption.js'
export { ThreadBusyError, ThreadNotResumableError } from '../sagas/runs.js'
export type { StepCall } from '../sagas/steps.js'
export type { AnswerKind, AnswerOutcome, Question, RecordedError } from '../slices/rules/answers.js'
export { NoPendingRequestError } from '../sagas/requests.js'
export { ConcurrentWriterError } from './log/concurrentWriterError.js'
export { LogUnavailableError } from './log/logUnavailableError.js'

// Facts, state, log
export * as facts from '../slices/facts.js'
export type { Fact, FactCreator, FactDraft, FactMeta } from '../slices/fact.js'
export {
  initialState,
  isFact,
  replay,
  replayFact,
  runtimeReducer,
  STATE_VERSION,
  type AnyFact,
  type ReplayOptions,
  type RuntimeState,
} from '../slices/state.js'
export { LogCorruptError, LogVersionError, type LogPosition } from '../slices/logErrors.js'
export type { Session, SessionFilter } from '../slices/sessions.js'
export type { Transition } from '../slices/lifecycle.js'
export type { BudgetSummary, SessionSummary } from '../slices/summary.js'
export type { ModelUsage, UsageEntry, UsageSummary } from '../slices/usage.js'
export type { EventLog, ReadOptions, Snapshot, SnapshotStore } from './log/eventLog.js'
export { loadState, type LoadOptions } from './log/loadState.js'
export { RUNTIME_STREAM } from './log/recorder.js'
export { createMemoryLog, type MemoryLog, type MemoryLogOptions } from './log/memory.js'
export { fork, type Fork, type ForkOptions } from './history/fork.js'
export { whatIf, type WhatIf, type WhatIfOptions } from './history/whatIf.js'
export type { WhatIfChanges } from './history/whatIfChanges.js'
export type { RuleRefusal } from './history/whatIfRules.js'
export type {
  Allowed as WhatIfAllowed,
  Avoided as WhatIfAvoided,
  Compared,
  GateDifference,
  Overrun as WhatIfOverrun,
  PolicyDifference,
  Stop as WhatIfStop,
  WhatIfSession,
} from './history/whatIfSession.js'
export type { WhatIfTotals } from './history/whatIfTotals.js'
export { diff, type DiffOptions } from './history/diff.js'
export type { Difference } from './history/differences.js'
export type { LogHead } from './history/factHash.js'
export type { FactSource } from './history/factSource.js'
export { withHashChain, type HashChainedLog, type HashChainOptions } from './history/hashChain.js'
export type {
  AlignedFact,
  CostDiff,
  Divergence,
  FactAt,
  RunDiff,
  RunOutcome,
  RunSelection,
  SessionDiff,
  SessionRef,
} from './history/runDiff.js'
export { stateHash } from './history/stateHash.js'
export type { BadFact, LogProblem, LogVerification } from './history/verification.js'
export { verify, type VerifyLogOptions } from './history/verify.js'

// Redux DevTools
export { readableAction } from './readable/action.js'
export { devToolsOptions, type DevToolsOptions, type ReadableDevToolsOptions } from './readable/devToolsOptions.js'
export { readableState } from './readable/state.js'

// Sinks
export { agentEvents } from '../slices/agentEvents.js'
export {
  AGENT_EVENT_NAMES,
  AGENT_EVENT_STATUSES,
  createAgentEvent,
  type AgentEvent,
  type AgentEventName,
  type AgentEventStatus,
} from '../slices/rules/agentEvent.js'
export type { Sink, SinkItem, SinkItemKind, UsageRecord } from './sinks/sink.js'
export type { SinkStatus } from './sinks/delivery.js'
export type { SinkWarning } from './sinks/failures.js'
export { SinkFlushTimeoutError } from './sinks/flushTimeoutError.js'
export type { FlushOptions, RuntimeSinks } from './sinks/runtimeSinks.js'
export { createConsoleSink, type ConsoleSinkOptions } from './sinks/console.js'
export { createFanOutSink, type FanOutSinkOptions } from './sinks/fanOut.js'
export { createRingBufferSink, type RingBufferSink, type RingBufferSinkOptions } from './sinks/ringBuffer.js'

// Rules, for those who want to ask them directly
export { parseUsage, type InputTokenTiers, type UsageInput, type UsageSnapshot } from '../slices/rules/tokens.js'
export { readProviderUsage } from './usage/readProviderUsage.js'
export { cacheWriteRate, costUsd, formatCost, type Rates } from '../slices/rules/prices.js'
export type { ModelPricing } from './config/pricing.js'
export {
  classifyFailure,
  FAILURE_CLASSES,
  SCENARIOS,
  type Failure,
  type FailureClass,
  type Scenario,
} from '../slices/rules/failures.js'
export {
  backoffDelayMs,
  nextProvider,
  recipeFor,
  RECOVERY_STEPS,
  smallerContextBudget,
  type BackoffOptions,
  type EscalationPolicy,
  type Jitter,
  type Recipe,
  type RecoveryStep,
} from '../slices/rules/recipes.js'
export {
  canTransition,
  idleLifecycle,
  isTerminal,
  LIFECYCLE_STATUSES,
  transition,
  type Lifecycle,
  type LifecycleStatus,
} from '../slices/rules/lifecycle.js'
export {
  PERMISSION_MODES,
  type Authorization,
  type PermissionMode,
  type PermissionsInput,
  type RolePermissions,
} from '../slices/rules/permissions.js'
export type { Handoff } from '../slices/rules/handoff.js'
export type { Json, JsonObject } from '../slices/rules/json.js'
export {
  emptyPolicyContext,
  evaluatePolicy,
  POLICY_ACTIONS,
  type CustomCondition,
  type PolicyAction,
  type PolicyCondition,
  type PolicyContext,
  type PolicyRule,
} from '../slices/rules/policy.js'
export {
  evaluateQuality,
  type GateOutcome,
  type QualityLevel,
  type QualityLevelInput,
} from '../slices/rules/quality.js'

// Conversation memory
export { compactMessages, type CompactionOptions } from './memory/compact.js'
export {
  createConversationMemory,
  type ConversationMemory,
  type ConversationMemoryOptions,
} from './memory/conversation.js'
export type { ChatMessage } from './memory/message.js'
export type { CompactionStrategy, NoCompaction, TokenBudgetStrategy, WindowStrategy } from './memory/strategy.js'

// Typed outputs
export { callableOutput } from './outputs/callable.js'
export { jsonOutput, type JsonOutputOptions, type JsonType } from './outputs/json.js'
export { OutputInvalidError, type OutputIssue } from './outputs/outputInvalidError.js'
export type { OutputSpec } from './outputs/outputSpec.js'
export { regexOutput, type RegexOutputOptions } from './outputs/regex.js'
export {
  runTypedTurn,
  type TurnRepair,
  type TypedTurnOptions,
  type TypedTurnResult,
  type TypedTurnThunk,
} from './outputs/runTypedTurn.js'
export { schemaOutput, type SchemaOutputOptions } from './outputs/schema.js'
export type { SchemaIssue, SchemaResult, StandardSchema } from './outputs/standardSchema.js'

// Checkpoints
export type {
  Checkpoint,
  CheckpointStep,
  CheckpointStore,
  ListOptions,
  PutOptions,
} from './checkpoints/checkpointStore.js'
export { createMemoryCheckpoints, type MemoryCheckpointsOptions } from './checkpoints/memory.js'

// Audit chain
export { createAuditChain, type AuditChain, type AuditChainOptions, type AuditEntry } from './audit/chain.js'
export { GENESIS_HASH, type AuditHead, type AuditRecord } from './audit/record.js'
export type { SigningKey } from './audit/signer.js'
export { verifyAuditChain, type AuditProblem, type AuditVerification, type VerifyOptions } from './audit/verify.js'

// Hooks
export type { HandoffDraft, Hook, HookInfo, HookPoint } from '../sagas/hooks.js'
export { createInputSanitizer, InputRejectedError, type InputSanitizerOptions } from './hooks/inputSanitizer.js'
export { createIoLogger, type IoLoggerOptions, type IoRecord, type IoType } from './hooks/ioLogger.js'
export { createPiiRedactor, redactPii, type PiiRedactorOptions } from './hooks/piiRedactor.js'
export {
  createTokenBudgetCheck,
  HookBudgetExceededError,
  type TokenBudgetCheckOptions,
} from './hooks/tokenBudgetCheck.js'

// Rate limits
export {
  createTokenBucket,
  type AcquireOptions,
  type TokenBucketHandle,
  type TokenBucketOptions,
} from './tokenBucket.js'
export {
  RateLimitExceededError,
  requestCharges,
  usageCharges,
  type BucketSettings,
  type Charge,
  type RateLimitBucket,
} from '../slices/rules/tokenBucket.js'

// Provider routing
export {
  parseRouter,
  selectProvider,
  type ProviderRequest,
  type ProviderRouter,
  type Selection,
  type WeightedProvider,
} from '../slices/rules/routing.js'

// Usage limits
export { parseUsageLimits, type UsageLimitsInput } from './config/usageLimits.js'
export {
  findExceededLimit,
  UsageLimitExceededError,
  type ExceededLimit,
  type UsageLimitName,
  type UsageLimits,
} from '../slices/rules/usageLimits.js'

// Governance
export { parseGovernanceLimits } from './config/governance.js'
export {
  countCall,
  emptyGovernanceCounts,
  evaluateGovernance,
  GovernanceBreachError,
  GOVERNANCE_LIMITS,
  GOVERNANCE_SCOPES,
  type Breach,
  type GovernanceCounts,
  type GovernanceLimit,
  type GovernanceLimitInput,
  type GovernanceLimitName,
  type GovernanceScope,
  type GovernanceVerdict,
} from '../slices/rules/governance.js'
