import { clearFailures, raiseLimits } from '../sagas/changes.js'
import type { Context } from '../sagas/context.js'
import type { Saga } from '../sagas/effects.js'
import { evaluateGate } from '../sagas/gate.js'
import { handoffSaga, type HandoffRequest } from '../sagas/handoff.js'
import { pauseSaga, provideInput } from '../sagas/input.js'
import { runParallel } from '../sagas/parallel.js'
import { evaluateSessionPolicy, type PolicyArguments } from '../sagas/policy.js'
import { cancelSession, completeSession, failSession, requireActive, signalOf } from '../sagas/session.js'
import { drawRandom, readClock, sleepSaga, stepSaga, type StepCall, type StepRequest } from '../sagas/steps.js'
import { streamTurn, type StreamEvent, type StreamThunk } from '../sagas/stream.js'
import { toolSaga } from '../sagas/tool.js'
import type { ToolRequest, ToolThunk } from '../sagas/toolRequest.js'
import { turnSaga } from '../sagas/turn.js'
import type { TurnRequest, TurnResult, TurnThunk } from '../sagas/turnRequest.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import type { PendingRequest } from '../slices/requests.js'
import { assertArgument } from '../slices/rules/errors.js'
import { FAILURE_CLASSES, type FailureClass } from '../slices/rules/failures.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { Json } from '../slices/rules/json.js'
import type { LifecycleStatus } from '../slices/rules/lifecycle.js'
import { authorize, type Authorization } from '../slices/rules/permissions.js'
import type { PolicyAction } from '../slices/rules/policy.js'
import type { GateOutcome, QualityLevelInput } from '../slices/rules/quality.js'
import type { UsageInput } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import { selectSummary, type SessionSummary } from '../slices/summary.js'
import { parseRaisedLimits, type RaiseLimitsOptions } from './config/limits.js'
import type { OrchestratorFunctions } from './config/orchestrator.js'
import { parseAnswer, parseRequestId } from './config/people.js'
import { policyArgumentsSchema } from './config/policy.js'
import { nonBlank, oneOf, parse, waitMs } from './config/schema.js'
import {
  assertKnown,
  parseSignal,
  parseTimeout,
  type HandoffOptions,
  type PauseOptions,
  type StepOptions,
  type StreamOptions,
  type ToolOptions,
  type ToolsOptions,
  type ToolSpec,
  type TurnOptions,
} from './options.js'
import { parseTool, parseTools, type AskedTool } from './toolRequests.js'
import { parseStream, parseTurn } from './turnRequests.js'

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

  /**
   * For the user's own requests. Aborted when the session has ended, or was parked, and nothing that it began is in flight any
   * more.
   */
  get signal(): AbortSignal {
    return signalOf(this.#core.context, this.id)
  }

  /**
   * Runs one model turn: checks that it may run, calls `thunk`, and records what happened and what it used.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {MaxIterationsExceededError | BudgetExceededError | UsageLimitExceededError | UnpricedModelError | CircuitOpenError |
   * RateLimitExceededError} Refused; `thunk` was not called. A budget or limit error whose `called` is true: this turn went over,
   * and is paid for.
   * @throws {GovernanceBreachError} A governance limit was passed. Its `cause` is the error it takes the place of.
   * @throws {UsageUnreadableError} The `usage` function threw. The turn is recorded, and its value is on the error.
   * @throws {GuardrailViolatedError} A guardrail that looks at turns blocked it.
   * @throws {IdempotencyConflictError | ResultNotSerializableError}
   * @throws {TurnTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTurn<T>(thunk: TurnThunk<T>, options: TurnOptions<T> = {}): Promise<TurnResult<T>> {
    const asked = parseTurn(thunk, options)
    // A literal, here and on all of the way of a turn: on Node 20 a spread costs as much as the rest of it.
    return this.#runTurn<T>({
      sessionId: this.id,
      name: asked.name,
      thunk: asked.thunk,
      model: asked.model,
      usage: asked.usage,
      readUsage: this.#functions.readUsage as ((value: T) => UsageInput) | undefined,
      estimate: asked.estimate,
      timeoutMs: asked.timeoutMs,
      signal: asked.signal,
      input: asked.input,
      idempotencyKey: asked.idempotencyKey,
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
  runTurnStream(
    thunk: StreamThunk<string>,
    options?: StreamOptions<string>,
  ): AsyncGenerator<StreamEvent<string>, void, undefined>
  runTurnStream<Chunk>(
    thunk: StreamThunk<Chunk>,
    options: StreamOptions<Chunk> & { readonly text: (chunk: Chunk) => string },
  ): AsyncGenerator<StreamEvent<Chunk>, void, undefined>
  runTurnStream<Chunk>(
    thunk: StreamThunk<Chunk>,
    options: StreamOptions<Chunk> = {},
  ): AsyncGenerator<StreamEvent<Chunk>, void, undefined> {
    const about = { sessionId: this.id, fingerprint: undefined, functions: this.#functions }
    const request = { ...parseStream(thunk, options), ...about }
    return streamTurn<Chunk>(this.#core.context, request, (turn) => this.#runTurn(turn))
  }

  /**
   * Calls a tool, if this session's role may.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {PermissionDeniedError} The role may not; `thunk` was not called.
   * @throws {UsageLimitExceededError} The session's usage limits allow no more tool calls; `thunk` was not called.
   * @throws {GovernanceBreachError} A governance limit was passed; `thunk` was not called.
   * @throws {ApprovalRejectedError} A person said no, or nothing in time; `thunk` was not called.
   * @throws {GuardrailViolatedError} A guardrail blocked the call, or what it returned.
   * @throws {ToolTimeoutError | SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async runTool<T, Args = unknown>(tool: string, thunk: ToolThunk<T>, options: ToolOptions<Args> = {}): Promise<T> {
    return this.#runTool(parseTool(tool, thunk, options as ToolOptions))
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
    const asked = parseTools(specs, options)
    if (!this.#core.context.resumptions.has(this.id)) requireActive(this.#core.context, this.id)
    return runParallel(this.#core.context, asked, (call, signal) => this.#runTool({ ...call, signal }))
  }

  /**
   * Calls a function that is neither a turn nor a tool, such as a query. With `record: { results: 'json' }` it is called once in the
   * life of its thread; a process that ended while it ran calls it again.
   *
   * @throws What `thunk` throws, as it was.
   * @throws {SessionCancelledError | SessionEndedError | InvalidArgumentError}
   */
  async step<T>(name: string, thunk: (call: StepCall) => T | PromiseLike<T>, options: StepOptions = {}): Promise<T> {
    assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
    assertKnown(options, ['signal'])
    return this.#core.run<StepRequest<T>, T>(stepSaga, {
      sessionId: this.id,
      name: parse(nonBlank, name, 'name'),
      thunk,
      signal: parseSignal(options.signal),
    })
  }

  /** Waits. A process that takes the session up waits for what is left. */
  async sleep(ms: number, options: StepOptions = {}): Promise<void> {
    assertKnown(options, ['signal'])
    return this.#core.run(sleepSaga, {
      sessionId: this.id,
      ms: parse(waitMs, ms, 'ms'),
      signal: parseSignal(options.signal),
    })
  }

  /** Unix ms, from the runtime's clock. A process that takes the session up reads the same. */
  now(): number {
    return readClock(this.#core.context, this.id)
  }

  /** Uniform in [0, 1), from the runtime's seed. A process that takes the session up draws the same. */
  random(): number {
    return drawRandom(this.#core.context, this.id)
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
    provideInput(this.#core.context, this.id, parseAnswer(value), parseRequestId(requestId))
  }

  /** What a person is asked and has not answered: questions, escalations and approvals, oldest first. */
  get pendingRequests(): readonly PendingRequest[] {
    return selectSession(this.#core.context.state(), this.id)?.requests.pending ?? []
  }

  /** Gives this session other caps than its orchestrator's, such as higher ones when it has run into one. */
  raiseLimits(limits: RaiseLimitsOptions): void {
    raiseLimits(this.#core.context, this.id, parseRaisedLimits(limits))
  }

  /** Starts the count of failures in a row afresh, that of its thread and its project too: somebody has dealt with their cause. */
  clearFailures(): void {
    clearFailures(this.#core.context, this.id)
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
    const { context } = this.#core
    // A function that is run again comes by here again.
    if (context.resumptions.has(this.id) && this.status === 'completed') return
    completeSession(context, this.id, detail)
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

  #runTool<T>(asked: AskedTool<T>): Promise<T> {
    return this.#core.run<ToolRequest<T>, T>(toolSaga, {
      sessionId: this.id,
      tool: asked.tool,
      thunk: asked.thunk,
      args: asked.args,
      timeoutMs: asked.timeoutMs,
      signal: asked.signal,
      idempotent: asked.idempotent,
      approval: asked.approval,
      functions: this.#functions,
    })
  }
}

/** Of an orchestrator, or as it is: the saga checks it. */
function roleOf(target: string | RoleOwner): string {
  const owner = target as Partial<RoleOwner> | undefined
  return typeof target === 'object' ? (owner?.config?.role ?? '') : target
}
