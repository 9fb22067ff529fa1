import type { Context } from '../sagas/context.js'
import type { Saga } from '../sagas/effects.js'
import { evaluateGate } from '../sagas/gate.js'
import { handoffSaga, type HandoffRequest } from '../sagas/handoff.js'
import { pauseSaga, provideInput } from '../sagas/input.js'
import { runParallel } from '../sagas/parallel.js'
import { evaluateSessionPolicy, type PolicyArguments } from '../sagas/policy.js'
import { cancelSession, completeSession, failSession, requireActive } from '../sagas/session.js'
import { streamTurn, type StreamEvent, type StreamThunk } from '../sagas/stream.js'
import { toolSaga, type ToolRequest, type ToolThunk } from '../sagas/tool.js'
import { turnSaga } from '../sagas/turn.js'
import type { TurnRequest, TurnResult, TurnThunk } from '../sagas/turnRequest.js'
import { failuresCleared, limitsRaised } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import type { PendingRequest } from '../slices/requests.js'
import { assertArgument } from '../slices/rules/errors.js'
import { FAILURE_CLASSES, type FailureClass } from '../slices/rules/failures.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { Json } from '../slices/rules/json.js'
import { isTerminal, type LifecycleStatus } from '../slices/rules/lifecycle.js'
import { authorize, type Authorization } from '../slices/rules/permissions.js'
import type { PolicyAction } from '../slices/rules/policy.js'
import type { GateOutcome, QualityLevelInput } from '../slices/rules/quality.js'
import type { UsageInput } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import { selectSummary, type SessionSummary } from '../slices/summary.js'
import { parseRaisedLimits, type RaiseLimitsOptions } from './config/limits.js'
import type { OrchestratorFunctions } from './config/orchestrator.js'
import { parseAnswer } from './config/people.js'
import { policyArgumentsSchema } from './config/policy.js'
import { count, flag, functionOf, nonBlank, oneOf, parse } from './config/schema.js'
import {
  assertKnown,
  parseApproval,
  parseEstimate,
  parseKey,
  parseModel,
  parseSignal,
  parseStreamTimeouts,
  parseTimeout,
  parseUsageOption,
  type PauseOptions,
  type StreamOptions,
  type ToolOptions,
  type ToolsOptions,
  type ToolSpec,
  type TurnOptions,
} from './options.js'

/** How the handles of a runtime reach it. */
export interface RuntimeCore {
  readonly context: Context
  run<Request, Result>(saga: (context: Context, request: Request) => Saga<Result>, request: Request): Promise<Result>
}

/** What a handoff may be addressed to: an orchestrator. */
interface RoleOwner {
  readonly config: { readonly role: string }
}

type ToolValue<Spec extends ToolSpec> = Awaited<ReturnType<Spec['run']>>

const ANY_TURN_OPTIONS = ['model', 'usage', 'estimate', 'timeoutMs', 'signal', 'input', 'idempotencyKey'] as const
const TURN_OPTIONS: readonly (keyof TurnOptions<never>)[] = ANY_TURN_OPTIONS
const STREAM_OPTIONS: readonly (keyof StreamOptions<never>)[] = [...ANY_TURN_OPTIONS, 'text', 'keepChunks']
const TOOL_OPTIONS: readonly (keyof ToolOptions)[] = ['args', 'timeoutMs', 'signal', 'idempotent', 'requireApproval']
const TOOLS_OPTIONS: readonly (keyof ToolsOptions)[] = ['concurrency', 'timeoutMs', 'settle', 'signal']

export interface HandoffOptions {
  readonly reason: string
  /** What the next agent needs to know. JSON; it is kept in the log. Keys that hold `undefined` are left out. Default: nothing. */
  readonly context?: object | undefined
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
    const { context } = this.#core
    const ended = this.status === 'evicted' || isTerminal(this.status)
    return ended && !context.calls.isRunning(this.id) ? AbortSignal.abort() : context.calls.signalOf(this.id)
  }

  /**
   * Runs one model turn: checks that it may run, calls `thunk`, and records what happened and what it used.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {MaxIterationsExceededError | BudgetExceededError | UsageLimitExceededError | UnpricedModelError | CircuitOpenError |
   * RateLimitExceededError} Refused; `thunk` was not called. A budget or limit error whose `called` is true: this turn went over,
   * and is paid for.
   * @throws {GovernanceBreachError} A governance limit ends the session. Its `cause` is the error it takes the place of.
   * @throws {UsageUnreadableError} The `usage` function threw. The turn is recorded, and its value is on the error.
   * @throws {GuardrailViolatedError} A guardrail that looks at turns blocked it.
   * @throws {IdempotencyConflictError | ResultNotSerializableError}
   * @throws {TurnTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTurn<T>(thunk: TurnThunk<T>, options: TurnOptions<T> = {}): Promise<TurnResult<T>> {
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    assertKnown(options, TURN_OPTIONS)
    const usage = parseUsageOption(options.usage) ?? (this.#functions.readUsage as (value: T) => UsageInput)
    // A literal, here and on all of the way of a turn: on Node 20 a spread costs as much as the rest of it.
    return this.#runTurn<T>({
      sessionId: this.id,
      thunk,
      model: parseModel(options.model),
      usage,
      estimate: parseEstimate(options.estimate),
      timeoutMs: parseTimeout(options.timeoutMs),
      signal: parseSignal(options.signal),
      input: options.input,
      idempotencyKey: parseKey(options.idempotencyKey),
      fingerprint: undefined,
      functions: this.#functions,
    })
  }

  /**
   * Runs one model turn whose answer is read as it comes: the same turn as {@link runTurn}, with the same checks. Nothing runs
   * before the first event is asked for, and the upstream is read as fast as the events are. Who stops before the end aborts the
   * upstream; what was used until then counts.
   *
   * @param thunk - Returns what the model streams, such as the stream of an SDK.
   * @throws As {@link runTurn}, while it is read. What the upstream throws is told by an `error` and a `final` event before.
   * @example
   * for await (const event of session.runTurnStream(({ signal }) => openStream(signal))) {
   *   if (event.type === 'text_delta') process.stdout.write(event.delta)
   * }
   */
  runTurnStream<Chunk = string>(
    thunk: StreamThunk<Chunk>,
    options: StreamOptions<Chunk> = {},
  ): AsyncGenerator<StreamEvent<Chunk>, void, undefined> {
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    assertKnown(options, STREAM_OPTIONS)
    const { text = (chunk: Chunk) => chunk as string, keepChunks = false } = options
    const request = {
      ...parseStreamTimeouts(options.timeoutMs),
      sessionId: this.id,
      thunk,
      model: parseModel(options.model),
      estimate: parseEstimate(options.estimate),
      signal: parseSignal(options.signal),
      input: options.input,
      idempotencyKey: parseKey(options.idempotencyKey),
      fingerprint: undefined,
      functions: this.#functions,
      usage: parseUsageOption(options.usage),
      text: parse(functionOf<typeof text>('a function'), text, 'text'),
      keepChunks: parse(flag, keepChunks, 'keepChunks'),
    }
    return streamTurn<Chunk>(this.#core.context, request, (turn) => this.#runTurn(turn))
  }

  /**
   * Calls a tool, if this session's role may.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {PermissionDeniedError} The role may not; `thunk` was not called.
   * @throws {GovernanceBreachError} A governance limit ends the session; `thunk` was not called.
   * @throws {ApprovalRejectedError} A person said no, or nothing in time; `thunk` was not called.
   * @throws {GuardrailViolatedError} A guardrail blocked the call, or what it returned.
   * @throws {ToolTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTool<T, Args = unknown>(tool: string, thunk: ToolThunk<T>, options: ToolOptions<Args> = {}): Promise<T> {
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    assertKnown(options, TOOL_OPTIONS)
    return this.#runTool(this.#toolRequest(tool, thunk, options as ToolOptions))
  }

  /**
   * Calls several tools, each checked and recorded as by {@link runTool}. Returns what they returned, in the order given.
   *
   * @throws What the first one that failed threw, when the others have ended. Unless `settle` is `'all'`.
   */
  async runTools<const Specs extends readonly ToolSpec[]>(
    specs: Specs,
    options?: ToolsOptions,
  ): Promise<{ -readonly [Index in keyof Specs]: ToolValue<Specs[Index]> }>
  async runTools<const Specs extends readonly ToolSpec[]>(
    specs: Specs,
    options: ToolsOptions<'all'> & { readonly settle: 'all' },
  ): Promise<{ -readonly [Index in keyof Specs]: PromiseSettledResult<ToolValue<Specs[Index]>> }>
  async runTools(specs: readonly ToolSpec[], options: ToolsOptions<'first_failure' | 'all'> = {}): Promise<unknown> {
    assertKnown(options, TOOLS_OPTIONS)
    assertArgument(Array.isArray(specs), 'specs', specs, 'a list of tool calls')
    const { settle = 'first_failure', timeoutMs, concurrency = specs.length } = options
    parse(oneOf(['first_failure', 'all']), settle, 'settle')
    const limit = parse(count, concurrency, 'concurrency')
    assertArgument(limit > 0 || specs.length === 0, 'concurrency', limit, 'a positive integer')
    const requests = specs.map((spec, index) => this.#specRequest({ timeoutMs, ...spec }, index))
    return this.#runTools(requests, limit, settle, parseSignal(options.signal))
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
   * Waits for a person: the session is `waiting_for_input` until somebody answers by {@link provideInput}, or by
   * `runtime.provideInput`. Returns the answer, which is kept in the log, as the prompt is.
   *
   * @throws {InputPendingError} It waits already.
   * @throws {InputTimeoutError} Nobody answered in time. The session goes on.
   */
  async pauseForInput(prompt: string, options: PauseOptions = {}): Promise<Json> {
    assertKnown(options, ['timeoutMs', 'signal'])
    const timeoutMs = parseTimeout(options.timeoutMs) ?? null
    return this.#core.run<Parameters<typeof pauseSaga>[1], Json>(pauseSaga, {
      sessionId: this.id,
      prompt: parse(nonBlank, prompt, 'prompt'),
      timeoutMs,
      signal: parseSignal(options.signal),
    })
  }

  /**
   * A person's answer: to the request that is named, or to the oldest.
   *
   * @throws {NoPendingRequestError} Nobody is asked, or somebody answered before.
   */
  provideInput(value: Json, requestId?: string): void {
    provideInput(this.#core.context, this.id, parseAnswer(value), requestId ?? null)
  }

  /** What a person is asked and has not answered: questions, escalations and approvals, oldest first. */
  get pendingRequests(): readonly PendingRequest[] {
    return selectSession(this.#core.context.state(), this.id)?.requests.pending ?? []
  }

  /** Gives this session other caps than its orchestrator's, such as higher ones when it has run into one. */
  raiseLimits(limits: RaiseLimitsOptions): void {
    requireActive(this.#core.context, this.id)
    this.#core.context.record(limitsRaised({ sessionId: this.id, limits: parseRaisedLimits(limits) }))
  }

  /** Starts the count of failures in a row afresh: somebody has dealt with their cause. */
  clearFailures(): void {
    requireActive(this.#core.context, this.id)
    this.#core.context.record(failuresCleared({ sessionId: this.id }))
  }

  /**
   * Ends this session as completed and passes its work on. The worker for the target role is registered at once; the session
   * that is opened with the returned handoff takes its place.
   *
   * @param target - The role, or the orchestrator that will take over.
   * @throws {InvalidArgumentError} The role is blank or not among the orchestrator's `handoffTargets`, the reason is blank, or the
   * context is not JSON. The session goes on.
   */
  async handoffTo(target: string | RoleOwner, options: HandoffOptions): Promise<Handoff> {
    assertKnown(options, ['reason', 'context'])
    const { reason, context = {} } = options
    return this.#core.run<HandoffRequest, Handoff>(handoffSaga, {
      sessionId: this.id,
      targetRole: roleOf(target),
      reason,
      context: context as HandoffRequest['context'],
      hooks: this.#functions.hooks,
    })
  }

  /** Ends the session as completed. What still runs in it may finish; nothing new may begin. */
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

  #runTurn<T>(request: TurnRequest<T>): Promise<TurnResult<T>> {
    return this.#core.run<TurnRequest<T>, TurnResult<T>>(turnSaga, request)
  }

  #runTool<T>(request: ToolRequest<T>): Promise<T> {
    return this.#core.run<ToolRequest<T>, T>(toolSaga, request)
  }

  async #runTools(
    requests: readonly ToolRequest<unknown>[],
    concurrency: number,
    settle: 'first_failure' | 'all',
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (settle === 'all')
      return runParallel(requests, concurrency, (request) => this.#runTool({ ...request, signal }), undefined)
    const others = new AbortController()
    const either = signal ? AbortSignal.any([signal, others.signal]) : others.signal
    let failure: { readonly error: unknown } | undefined
    const settled = await runParallel(
      requests,
      concurrency,
      (request) => this.#runTool({ ...request, signal: either }),
      (error) => {
        failure = { error }
        others.abort(error)
      },
    )
    if (failure) throw failure.error
    return settled.map((outcome) => outcome.status === 'fulfilled' && outcome.value)
  }

  #toolRequest<T>(tool: string, thunk: ToolThunk<T>, options: ToolOptions): ToolRequest<T> {
    return {
      sessionId: this.id,
      tool: parse(nonBlank, tool, 'tool'),
      thunk,
      args: options.args,
      timeoutMs: parseTimeout(options.timeoutMs),
      signal: parseSignal(options.signal),
      idempotent: parse(flag, options.idempotent ?? false, 'idempotent'),
      approval: parseApproval(options.requireApproval),
      functions: this.#functions,
    }
  }

  #specRequest({ name, run, ...options }: ToolSpec, index: number): ToolRequest<unknown> {
    assertArgument(typeof run === 'function', `specs[${index}].run`, run, 'a function')
    assertKnown<ToolOptions>(options, TOOL_OPTIONS)
    return this.#toolRequest(name, run, options)
  }
}

/** Of an orchestrator, or as it is: the saga checks it. */
function roleOf(target: string | RoleOwner): string {
  const owner = target as Partial<RoleOwner> | undefined
  return typeof target === 'object' ? (owner?.config?.role ?? '') : target
}
