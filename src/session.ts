import type { Context } from '../sagas/context.js'
import type { Saga } from '../sagas/effects.js'
import { evaluateGate } from '../sagas/gate.js'
import { handOff } from '../sagas/handoff.js'
import { evaluateSessionPolicy, type PolicyArguments } from '../sagas/policy.js'
import { cancelSession, completeSession, failSession, requireActive } from '../sagas/session.js'
import { toolSaga, type ToolThunk } from '../sagas/tool.js'
import { turnSaga, type TurnResult, type TurnThunk } from '../sagas/turn.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import { assertArgument } from '../slices/rules/errors.js'
import { FAILURE_CLASSES, type FailureClass } from '../slices/rules/failures.js'
import type { Handoff } from '../slices/rules/handoff.js'
import { findNonJson, isPlainObject, type JsonObject } from '../slices/rules/json.js'
import type { LifecycleStatus } from '../slices/rules/lifecycle.js'
import { authorize, type Authorization } from '../slices/rules/permissions.js'
import type { PolicyAction } from '../slices/rules/policy.js'
import type { GateOutcome, QualityLevelInput } from '../slices/rules/quality.js'
import { parseUsage, type UsageInput } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import { selectSummary, type SessionSummary } from '../slices/summary.js'
import type { OrchestratorFunctions } from './config/orchestrator.js'
import { policyArgumentsSchema } from './config/policy.js'
import { delayMs, nonBlank, oneOf, parse } from './config/schema.js'

/** How the handles of a runtime reach it. */
export interface RuntimeCore {
  readonly context: Context
  run<Request, Result>(saga: (context: Context, request: Request) => Saga<Result>, request: Request): Promise<Result>
}

export interface TurnOptions<T> {
  /** Decides the price. Default: the orchestrator's model. */
  readonly model?: string | undefined
  /** What the call uses, or how to read that from what it returned. Default: what the function reported by `reportUsage`. */
  readonly usage?: UsageInput | ((value: T) => UsageInput) | undefined
  /** Gives up after this many milliseconds and aborts the function's signal. Default: the orchestrator's `turnTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Aborts this turn. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** What guardrails that look at turns are shown before the call. Kept nowhere. */
  readonly input?: unknown
}

export interface ToolOptions {
  /** What guardrails are shown before the call. Kept nowhere. */
  readonly args?: unknown
  /** Gives up after this many milliseconds and aborts the function's signal. Default: never. */
  readonly timeoutMs?: number | undefined
  /** Aborts this call. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface HandoffOptions {
  readonly reason: string
  /** What the next agent needs to know. JSON; it is kept in the log. Default: nothing. */
  readonly context?: JsonObject | undefined
}

/** One execution of an orchestrator. Every method but `summary` and `cancel` throws `SessionEndedError` once it has ended. */
export class AgentSession {
  readonly #core: RuntimeCore
  readonly #functions: OrchestratorFunctions
  readonly id: string

  constructor(core: RuntimeCore, id: string, functions: OrchestratorFunctions) {
    this.#core = core
    this.#functions = functions
    this.id = id
  }

  get status(): LifecycleStatus | 'evicted' {
    return selectSession(this.#core.context.state(), this.id)?.lifecycle.status ?? 'evicted'
  }

  /** The handoff that this session picked up, if it did. */
  get handoff(): Handoff | null {
    return selectSession(this.#core.context.state(), this.id)?.handoff ?? null
  }

  /** Aborted when the session ends. For the user's own requests. */
  get signal(): AbortSignal {
    return this.#core.context.calls.signalOf(this.id)
  }

  /**
   * Runs one model turn: checks that it may run, calls `thunk`, and records what happened and what it used.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {MaxIterationsExceededError | BudgetExceededError | UnpricedModelError | CircuitOpenError} Refused; `thunk` was not
   * called. A `BudgetExceededError` whose `called` is true: this turn went over, and is paid for.
   * @throws {UsageUnreadableError} The `usage` function threw. The turn is recorded, and its value is on the error.
   * @throws {GuardrailViolatedError} A guardrail that looks at turns blocked it.
   * @throws {TurnTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTurn<T>(thunk: TurnThunk<T>, options: TurnOptions<T> = {}): Promise<TurnResult<T>> {
    const { model, usage, signal, input } = options
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    const { guardrails, onRecoveryStep, readUsage } = this.#functions
    return this.#core.run<Parameters<typeof turnSaga<T>>[1], TurnResult<T>>(turnSaga, {
      sessionId: this.id,
      thunk,
      model: model === undefined ? null : parse(nonBlank, model, 'model').trim(),
      usage: typeof usage === 'object' ? parseUsage(usage) : (usage ?? (readUsage as typeof usage)),
      timeoutMs: parseTimeout(options.timeoutMs),
      signal: parseSignal(signal),
      input,
      guardrails,
      onRecoveryStep,
    })
  }

  /**
   * Calls a tool, if this session's role may.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {PermissionDeniedError} The role may not; `thunk` was not called.
   * @throws {GuardrailViolatedError} A guardrail blocked the call, or what it returned.
   * @throws {ToolTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTool<T>(tool: string, thunk: ToolThunk<T>, options: ToolOptions = {}): Promise<T> {
    const { args, signal } = options
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    return this.#core.run<Parameters<typeof toolSaga<T>>[1], T>(toolSaga, {
      sessionId: this.id,
      tool: parse(nonBlank, tool, 'tool'),
      thunk,
      args,
      timeoutMs: parseTimeout(options.timeoutMs),
      signal: parseSignal(signal),
      guardrails: this.#functions.guardrails,
    })
  }

  /** Whether this session's role may call a tool. Records nothing. */
  authorize(tool: string): Authorization {
    const { context } = this.#core
    const { orchestratorId, role } = requireActive(context, this.id)
    return authorize(
      selectOrchestrator(context.state(), orchestratorId).permissions,
      role,
      parse(nonBlank, tool, 'tool'),
    )
  }

  /** Holds an observed quality level against the orchestrator's gate. `null`: it has no gate. */
  evaluateGate(observed: QualityLevelInput | null): GateOutcome | null {
    return evaluateGate(this.#core.context, this.id, observed)
  }

  /**
   * Evaluates the orchestrator's policy on what the state knows (elapsed time, cost, exhausted recoveries, the last gate) and on
   * what the caller tells. Returns the actions of every rule that fired; carrying them out is the caller's.
   */
  evaluatePolicy(args: PolicyArguments = {}): readonly PolicyAction[] {
    const told = Object.entries(parse(policyArgumentsSchema, args, '')).filter(([, value]) => value !== undefined)
    return evaluateSessionPolicy(this.#core.context, this.id, Object.fromEntries(told), this.#functions.conditions)
      .actions
  }

  /**
   * Ends this session as completed and passes its work on. The worker for the target role is registered at once; the session
   * that is opened with the returned handoff takes its place.
   *
   * @throws {InvalidArgumentError} The role is blank or not among the orchestrator's `handoffTargets`, the reason is blank, or the
   * context is not JSON. The session goes on.
   */
  async handoffTo(targetRole: string, options: HandoffOptions): Promise<Handoff> {
    parse(nonBlank, targetRole, 'targetRole')
    assertArgument(isPlainObject(options), 'options', options, 'an object with a reason')
    const { reason, context = {} } = options
    parse(nonBlank, reason, 'reason')
    assertArgument(isPlainObject(context), 'context', context, 'an object of JSON values')
    const lost = findNonJson(context)
    assertArgument(lost === undefined, `context.${lost ?? ''}`, context, 'JSON')
    return handOff(this.#core.context, {
      sessionId: this.id,
      targetRole,
      reason,
      context: structuredClone(context),
    })
  }

  /** Ends the session as completed. What still runs in it is aborted. */
  async complete(detail?: string): Promise<void> {
    completeSession(this.#core.context, this.id, detail)
  }

  /** Ends the session as failed. What still runs in it is aborted. */
  async fail(detail: string, failureClass: FailureClass = 'unknown'): Promise<void> {
    parse(nonBlank, detail, 'detail')
    failSession(this.#core.context, this.id, detail, parse(oneOf(FAILURE_CLASSES), failureClass, 'failureClass'))
  }

  /** Ends the session as cancelled and aborts what still runs in it. Does nothing to a session that has ended. */
  async cancel(detail?: string): Promise<void> {
    cancelSession(this.#core.context, this.id, detail)
  }

  /**
   * What happened so far, what it cost, and why it stopped. JSON.
   *
   * @throws {NotFoundError} The session ended so long ago that it was evicted.
   */
  summary(): SessionSummary {
    const { context } = this.#core
    return selectSummary(context.state(), this.id, context.clock.now())
  }

  /**
   * For `await using`. A session that nobody ended is cancelled: leaving a block does not tell whether its work was done, so
   * saying that it was is up to `complete`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel('left without being completed')
  }
}

function parseTimeout(timeoutMs: number | undefined): number | null {
  return timeoutMs === undefined ? null : parse(delayMs, timeoutMs, 'timeoutMs')
}

function parseSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  assertArgument(signal === undefined || signal instanceof AbortSignal, 'signal', signal, 'an AbortSignal')
  return signal
}
