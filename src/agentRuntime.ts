import type { ApprovalDecision } from '../sagas/approvals.js'
import type { Drained } from '../sagas/drain.js'
import type { Json } from '../slices/rules/json.js'
import type { Session, SessionFilter } from '../slices/sessions.js'
import type { RuntimeState } from '../slices/state.js'
import type { BreakerHandle } from './breaker.js'
import type { CircuitBreakerOptions } from './config/breaker.js'
import type { OrchestratorOptions } from './config/orchestrator.js'
import type { ModelPricing } from './config/pricing.js'
import type { ProvidersOptions } from './config/providers.js'
import type { RateLimitOptions } from './config/rateLimit.js'
import type { EventLog } from './log/eventLog.js'
import type { Orchestrator } from './orchestrator.js'
import type { PricingOptions } from './registrations.js'
import type { BoundSelectors } from './select.js'
import type { RuntimeSinks } from './sinks/runtimeSinks.js'

/** An agent runtime with a Redux store of its own. */
export interface AgentRuntime<Log extends EventLog = EventLog> {
  readonly log: Log
  readonly select: BoundSelectors
  /** How far the sinks are behind. */
  readonly sinks: RuntimeSinks
  /** What the store shows: the state of the log, unless somebody travels through time in DevTools. `select` looks at the same. */
  getState(): RuntimeState
  /** Whether the store shows the state of the log. New calls wait, or reject, while it does not. */
  isLive(): boolean
  /**
   * Shows the state of the log again, such as after another history was imported in DevTools. Where DevTools looks at an earlier
   * action, it is to go to the last one then. Returns whether the state of the log is shown now.
   */
  goLive(): boolean
  /** Calls back after every fact, and when another state is shown. Returns what ends that. */
  subscribe(listener: () => void): () => void
  /**
   * Says what a model costs, in US dollars per million tokens.
   *
   * @throws {InvalidArgumentError} The model is blank, or a rate is negative or not finite.
   * @throws {AlreadyRegisteredError} It has a price, and `onConflict` is `'error'`.
   */
  registerPricing(model: string, pricing: ModelPricing, options?: PricingOptions): void
  /** Several models at once: all or none. */
  registerPricing(prices: Readonly<Record<string, ModelPricing>>, options?: PricingOptions): void
  /**
   * Configures a circuit breaker that orchestrators then name.
   *
   * @throws {AlreadyRegisteredError} It is configured, with other settings.
   */
  configureBreaker(options: CircuitBreakerOptions): BreakerHandle
  /** @throws {NotFoundError} */
  breaker(name: string): BreakerHandle
  /**
   * Configures a rate limit that orchestrators then name.
   *
   * @throws {AlreadyRegisteredError} It is configured, with other settings.
   */
  configureRateLimit(options: RateLimitOptions): void
  /**
   * Configures providers that orchestrators then name.
   *
   * @throws {AlreadyRegisteredError} They are configured, with other settings.
   */
  configureProviders(options: ProvidersOptions): void
  /**
   * @throws {InvalidArgumentError} Names the first field that does not fit, and its value.
   * @throws {NotFoundError} It names a breaker that is not configured.
   * @throws {AlreadyRegisteredError} Its breaker is configured, with other settings.
   */
  orchestrator(options: OrchestratorOptions): Orchestrator
  /** Sessions that have not ended, in the order of their registration. */
  listActive(filter?: SessionFilter): readonly Session[]
  /**
   * Cancels a session from outside, one that was parked too. Does nothing to one that has ended.
   *
   * @throws {NotFoundError} No such session, or it was evicted.
   */
  cancelSession(sessionId: string, detail?: string): void
  /**
   * A person's answer: to the request that is named, or to the oldest of the session.
   *
   * @throws {NotFoundError} No such session, or it was evicted.
   * @throws {NoPendingRequestError} Nobody is asked, or somebody answered before.
   */
  provideInput(sessionId: string, value: Json, requestId?: string): void
  /**
   * A person's decision about a tool call that waits for it. `select.session(id).requests.pending` has what it must name.
   *
   * @throws {NotFoundError} No such session, or it was evicted.
   * @throws {NoPendingRequestError} Nobody asks for this approval, or somebody decided before.
   * @throws {ApprovalMismatchError} It was given for a call with other arguments.
   */
  resolveApproval(sessionId: string, decision: ApprovalDecision): void
  /**
   * Before the process goes down: opens no sessions any more, lets those that run finish, and parks those that have not after
   * `timeoutMs`. Their calls are aborted, what they used is recorded, and their promises reject with `SessionParkedError`.
   *
   * @param options.timeoutMs - Default 10,000. 0 parks at once.
   */
  drain(options?: { readonly timeoutMs?: number | undefined }): Promise<Drained>
  /**
   * Parks what still runs, makes everything durable, keeps a snapshot where the log has a place for one, and closes the log. Whatever
   * is asked of the runtime after that throws `LogUnavailableError`.
   *
   * @throws {LogUnavailableError} The log could not be written.
   */
  close(): Promise<void>
  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
