import { configureStore, Tuple } from '@reduxjs/toolkit'
import { runSaga, stdChannel } from 'redux-saga'
import { RunningCalls } from '../sagas/calls.js'
import type { Context } from '../sagas/context.js'
import { resolveApproval, type ApprovalDecision } from '../sagas/approvals.js'
import { drain, type Drained } from '../sagas/drain.js'
import { provideInput } from '../sagas/input.js'
import { settleInterrupted } from '../sagas/interruptions.js'
import { PeopleWaiters } from '../sagas/people.js'
import { RateQueues } from '../sagas/rateQueues.js'
import { cancelFromOutside } from '../sagas/session.js'
import { SharedTurns } from '../sagas/sharedTurns.js'
import { SaidWarnings } from '../sagas/saidWarnings.js'
import type { Fact } from '../slices/fact.js'
import { selectProviders } from '../slices/providers.js'
import { selectRateLimit } from '../slices/rateLimits.js'
import { assertArgument, describeError, NotFoundError } from '../slices/rules/errors.js'
import type { Json } from '../slices/rules/json.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { selectActiveSessions, selectSession, type Session, type SessionFilter } from '../slices/sessions.js'
import { initialState, runtimeReducer, STATE_VERSION, type RuntimeState } from '../slices/state.js'
import { createBreakerHandle, viewBreaker, type BreakerHandle } from './breaker.js'
import { createSystemClock } from './clock.js'
import { parseBreaker, type CircuitBreakerOptions } from './config/breaker.js'
import { parseOrchestrator, type OrchestratorOptions, type SharedSettings } from './config/orchestrator.js'
import { parseAnswer, parseDecision, parseRequestId } from './config/people.js'
import { parseProviders, type ProvidersOptions } from './config/providers.js'
import { parseRateLimit, type RateLimitOptions } from './config/rateLimit.js'
import type { ModelPricing } from './config/pricing.js'
import { checkRuntimeOptions, parseDrain, type RuntimeOptions } from './config/runtime.js'
import type { EventLog } from './log/eventLog.js'
import { restoreState } from './log/loadState.js'
import type { LogUnavailableError } from './log/logUnavailableError.js'
import { recall } from './log/recall.js'
import { createMemoryLog, type MemoryLog } from './log/memory.js'
import { createLogMiddleware } from './log/middleware.js'
import { nextTask } from './nextTask.js'
import { Orchestrator } from './orchestrator.js'
import { createRandom } from './random.js'
import { Registrations, type PricingOptions } from './registrations.js'
import { bindSelectors, type BoundSelectors } from './select.js'
import type { RuntimeCore } from './session.js'
import { createRuntimeSinks, type RuntimeSinks } from './sinks/runtimeSinks.js'

/** An agent runtime with a Redux store of its own. */
export interface AgentRuntime<Log extends EventLog = EventLog> {
  readonly log: Log
  readonly select: BoundSelectors
  /** How far the sinks are behind. */
  readonly sinks: RuntimeSinks
  getState(): RuntimeState
  /** Calls back after every fact. Returns what ends that. */
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
   * Cancels a session from outside. Does nothing to one that has ended.
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

/**
 * A runtime that begins with an empty log.
 *
 * @throws {InvalidArgumentError} An option does not fit, or the log has facts: `openAgentRuntime` goes on with those.
 */
export function createAgentRuntime(options?: RuntimeOptions<MemoryLog>): AgentRuntime<MemoryLog>
export function createAgentRuntime<Log extends EventLog>(options: RuntimeOptions<Log> & { log: Log }): AgentRuntime<Log>
export function createAgentRuntime(options: RuntimeOptions<EventLog> = {}): AgentRuntime {
  checkRuntimeOptions(options)
  const { log = createMemoryLog() } = options
  assertArgument(log.head() === 0, 'log', log, 'an empty log; openAgentRuntime goes on with one that has facts')
  return startRuntime({ ...options, log }, initialState)
}

/**
 * A runtime that goes on with what its log holds: prices, breakers, budgets, sessions and threads are as they were. What another
 * process left running is parked, until `session` takes up its thread.
 *
 * @throws {InvalidArgumentError} An option does not fit.
 * @throws {LogCorruptError | LogVersionError} The log is damaged, or of a later version.
 * @example
 * const runtime = await openAgentRuntime({ log: await openJsonlLog('runs.jsonl'), record: { results: 'json' } })
 */
export async function openAgentRuntime<Log extends EventLog>(
  options: RuntimeOptions<Log> & { readonly log: Log },
): Promise<AgentRuntime<Log>> {
  checkRuntimeOptions(options)
  const { log } = options
  assertArgument(typeof log === 'object', 'log', log, 'an event log')
  const { state, replayed } = await restoreState(log)
  if (replayed >= SNAPSHOT_AFTER) await saveSnapshot(log, state, warnerOf(options))
  return startRuntime<Log>(options, state)
}

/** A process that is killed keeps no snapshot: the next one does, when it had this many facts to replay. */
const SNAPSHOT_AFTER = 10_000

/** Only a cache: a log without it is read in full. */
async function saveSnapshot({ snapshots }: EventLog, state: RuntimeState, warn: Context['warn']): Promise<void> {
  try {
    await snapshots?.save({ seq: state.seq, stateVersion: STATE_VERSION, state })
  } catch (error) {
    warn({ code: 'snapshot_not_kept', message: `no snapshot was kept: ${describeError(error).name}`, error })
  }
}

function warnerOf({ onWarning }: Pick<RuntimeOptions<EventLog>, 'onWarning'>): Context['warn'] {
  return safely(onWarning ?? (({ message }) => console.warn(message)))
}

function startRuntime<Log extends EventLog>(
  options: RuntimeOptions<Log> & { readonly log: Log },
  state: RuntimeState,
): AgentRuntime<Log> {
  const { log, clock = createSystemClock(), sinks = [], record = {} } = options
  const selectState = (state: unknown): RuntimeState => state as RuntimeState
  const warn = warnerOf(options)
  const calls = new RunningCalls()
  const { middleware: sinkMiddleware, handle } = createRuntimeSinks(sinks, { clock, selectState, warn })
  const onUnavailable = (error: LogUnavailableError): void => calls.abortEverything(error)
  const logMiddleware = createLogMiddleware({ log, clock, selectState, onUnavailable })
  const store = configureStore({
    reducer: runtimeReducer,
    preloadedState: state,
    // The development checks of the default middleware walk the whole state on every fact.
    middleware: () => new Tuple(logMiddleware, ...(sinks.length > 0 ? [sinkMiddleware] : [])),
    enhancers: (defaults) => defaults({ autoBatch: false }),
    devTools: options.devTools ?? false,
  })
  let isDraining = false
  const context: Context = {
    clock,
    random: createRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32)),
    recording: { results: record.results ?? 'none', redact: record.redact },
    resumptions: new Map(),
    calls,
    rateQueues: new RateQueues(clock),
    sharedTurns: new SharedTurns(),
    people: new PeopleWaiters(),
    saidWarnings: new SaidWarnings(),
    retainEndedSessions: options.retainEndedSessions ?? 1_000,
    retainThreads: options.retainThreads ?? 10_000,
    isDraining: () => isDraining,
    state: store.getState,
    record: <Payload>(draft: { type: string; payload: Payload }) => store.dispatch(draft) as unknown as Fact<Payload>,
    flush: () => log.flush(),
    recall: (threadId, run) => recall(log, threadId, run),
    nextTask,
    run: (saga) => runInside(saga),
    warn,
  }
  const runInside = createRun(context)
  const subscribe = (listener: () => void): (() => void) => {
    assertArgument(typeof listener === 'function', 'listener', listener, 'a function')
    return store.subscribe(() => isolate(listener, warn))
  }
  const stopOpening = (): void => void (isDraining = true)
  settleInterrupted(context)
  return createRuntimeApi({ log, context, sinks: handle, subscribe, stopOpening }) as AgentRuntime<Log>
}

interface RuntimeParts {
  readonly log: EventLog
  readonly context: Context
  readonly sinks: RuntimeSinks
  readonly subscribe: (listener: () => void) => () => void
  readonly stopOpening: () => void
}

function createRuntimeApi({ log, context, sinks, subscribe, stopOpening }: RuntimeParts): AgentRuntime {
  const core: RuntimeCore = { context, run: (saga, request) => context.run(saga(context, request)) }
  const registrations = new Registrations(context)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= closeLog(context, log, stopOpening, subscribe))
  return {
    log,
    sinks,
    subscribe,
    select: bindSelectors(context.state, () => context.clock.now()),
    getState: context.state,
    registerPricing(model: string | Readonly<Record<string, ModelPricing>>, ...rest: unknown[]) {
      if (typeof model === 'string') {
        registrations.pricing({ [model]: rest[0] as ModelPricing }, rest[1] as PricingOptions | undefined)
      } else {
        registrations.pricing(model, rest[0] as PricingOptions | undefined)
      }
    },
    configureBreaker(options) {
      const { name, settings } = parseBreaker(options, '')
      registrations.breaker(name, settings)
      return createBreakerHandle(context, name)
    },
    breaker: (name) => createBreakerHandle(context, name),
    orchestrator(options) {
      const { config, shared, functions } = parseOrchestrator(options)
      registerShared(context, registrations, config, shared)
      return new Orchestrator(core, registrations.orchestrator(config), config, functions)
    },
    listActive: (filter) => selectActiveSessions(context.state(), filter),
    configureRateLimit(options) {
      const { name, settings } = parseRateLimit(options)
      registrations.rateLimit(name, settings)
    },
    configureProviders(options) {
      const { name, settings } = parseProviders(options, '')
      registrations.providers(name, settings)
    },
    cancelSession(sessionId, detail) {
      requireSession(context, sessionId)
      cancelFromOutside(context, sessionId, detail)
    },
    provideInput(sessionId, value, requestId) {
      requireSession(context, sessionId)
      provideInput(context, sessionId, parseAnswer(value), parseRequestId(requestId))
    },
    resolveApproval(sessionId, decision) {
      requireSession(context, sessionId)
      resolveApproval(context, sessionId, parseDecision(decision))
    },
    async drain(options = {}) {
      const { timeoutMs } = parseDrain(options)
      stopOpening()
      return drain(context, timeoutMs, () => nextChange(subscribe))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function closeLog(
  context: Context,
  log: EventLog,
  stopOpening: () => void,
  subscribe: RuntimeParts['subscribe'],
): Promise<void> {
  stopOpening()
  try {
    await drain(context, 0, () => nextChange(subscribe))
    await log.flush()
    await saveSnapshot(log, context.state(), context.warn)
  } finally {
    await log.close()
  }
}

/** What an orchestrator shares by name: registered where it is configured, known where it is only named. */
function registerShared(
  context: Context,
  registrations: Registrations,
  { breaker, rateLimit, providers }: OrchestratorConfig,
  settings: SharedSettings,
): void {
  const state = context.state()
  if (breaker !== null) {
    if (settings.breaker) registrations.breaker(breaker, settings.breaker)
    else viewBreaker(state, breaker, context.clock.now())
  }
  if (rateLimit !== null) {
    if (settings.rateLimit) registrations.rateLimit(rateLimit, settings.rateLimit)
    else if (!selectRateLimit(state, rateLimit)) throw new NotFoundError('rate limit', rateLimit)
  }
  if (providers !== null) {
    if (settings.providers) registrations.providers(providers, settings.providers)
    else if (!selectProviders(state, providers)) throw new NotFoundError('providers', providers)
  }
}

function requireSession(context: Context, sessionId: string): void {
  if (!selectSession(context.state(), sessionId)) throw new NotFoundError('session', sessionId)
}

/** A warning is told in the middle of a turn, which must not end because nobody can be told. */
function safely<Warning>(tell: (warning: Warning) => void): (warning: Warning) => void {
  return (warning) => {
    try {
      tell(warning)
    } catch (error) {
      console.error(`onWarning threw ${describeError(error).name}`)
    }
  }
}

/** A listener that throws must not end the turn whose fact it was told of, nor keep the others from hearing of it. */
function isolate(listener: () => void, warn: Context['warn']): void {
  try {
    listener()
  } catch (error) {
    const { name } = describeError(error)
    warn({ code: 'listener_failed', message: `a subscriber threw ${name}`, error })
  }
}

function nextChange(subscribe: RuntimeParts['subscribe']) {
  let stop = (): void => undefined
  const changed = new Promise<void>((resolve) => (stop = subscribe(resolve)))
  return { changed, stop: () => stop() }
}

function createRun(context: Context): Context['run'] {
  const io = {
    channel: stdChannel(),
    // One for all: without it every run makes a new prototype, which only a full garbage collection frees.
    context: {},
    dispatch: () => undefined,
    getState: context.state,
    // The caller gets the error with the promise.
    onError: () => undefined,
  }
  return (saga) => runSaga(io, () => saga).toPromise()
}
