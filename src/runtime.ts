import { configureStore, Tuple } from '@reduxjs/toolkit'
import { runSaga, stdChannel } from 'redux-saga'
import { RunningCalls } from '../sagas/calls.js'
import type { Context } from '../sagas/context.js'
import { cancelSession } from '../sagas/session.js'
import type { Fact } from '../slices/fact.js'
import { NotFoundError } from '../slices/rules/errors.js'
import { selectActiveSessions, selectSession, type Session, type SessionFilter } from '../slices/sessions.js'
import { runtimeReducer, type RuntimeState } from '../slices/state.js'
import { createBreakerHandle, viewBreaker, type BreakerHandle } from './breaker.js'
import { createSystemClock } from './clock.js'
import { parseBreaker, type CircuitBreakerOptions } from './config/breaker.js'
import { parseOrchestrator, type OrchestratorOptions } from './config/orchestrator.js'
import type { ModelPricing } from './config/pricing.js'
import { checkRuntimeOptions, type RuntimeOptions } from './config/runtime.js'
import type { EventLog } from './log/eventLog.js'
import { createMemoryLog, type MemoryLog } from './log/memory.js'
import { createLogMiddleware } from './log/middleware.js'
import { Orchestrator } from './orchestrator.js'
import { Registrations, type PricingOptions } from './registrations.js'
import { bindSelectors, type BoundSelectors } from './select.js'
import type { RuntimeCore } from './session.js'
import { createSinkMiddleware } from './sinks/middleware.js'

/** An agent runtime with a Redux store of its own. */
export interface AgentRuntime<Log extends EventLog = EventLog> {
  readonly log: Log
  readonly select: BoundSelectors
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
}

export function createAgentRuntime(options?: RuntimeOptions<MemoryLog>): AgentRuntime<MemoryLog>
export function createAgentRuntime<Log extends EventLog>(options: RuntimeOptions<Log> & { log: Log }): AgentRuntime<Log>
export function createAgentRuntime(options: RuntimeOptions<EventLog> = {}): AgentRuntime {
  checkRuntimeOptions(options)
  const { log = createMemoryLog(), clock = createSystemClock(), sinks = [], retainEndedSessions = 1_000 } = options
  const selectState = (state: unknown): RuntimeState => state as RuntimeState
  const store = configureStore({
    reducer: runtimeReducer,
    // The development checks of the default middleware walk the whole state on every fact.
    middleware: () =>
      new Tuple(
        createLogMiddleware({ log, clock, selectState }),
        ...(sinks.length > 0 ? [createSinkMiddleware(sinks, selectState)] : []),
      ),
    enhancers: (defaults) => defaults({ autoBatch: false }),
    devTools: options.devTools ?? false,
  })
  const context: Context = {
    clock,
    calls: new RunningCalls(),
    retainEndedSessions,
    state: store.getState,
    record: <Payload>(draft: { type: string; payload: Payload }) => store.dispatch(draft) as unknown as Fact<Payload>,
    warn: options.onWarning ?? (({ message }) => console.warn(message)),
  }
  return createRuntimeApi({ log, context, subscribe: store.subscribe })
}

interface RuntimeParts {
  readonly log: EventLog
  readonly context: Context
  readonly subscribe: (listener: () => void) => () => void
}

function createRuntimeApi({ log, context, subscribe }: RuntimeParts): AgentRuntime {
  const core = createCore(context)
  const registrations = new Registrations(context)
  return {
    log,
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
      const { config, breakerSettings, functions } = parseOrchestrator(options)
      if (config.breaker !== null) {
        if (breakerSettings) registrations.breaker(config.breaker, breakerSettings)
        else viewBreaker(context.state(), config.breaker, context.clock.now())
      }
      return new Orchestrator(core, registrations.orchestrator(config), config, functions)
    },
    listActive: (filter) => selectActiveSessions(context.state(), filter),
    cancelSession(sessionId, detail) {
      if (!selectSession(context.state(), sessionId)) throw new NotFoundError('session', sessionId)
      cancelSession(context, sessionId, detail)
    },
  }
}

function createCore(context: Context): RuntimeCore {
  const io = {
    channel: stdChannel(),
    // One for all: without it every run makes a new prototype, which only a full garbage collection frees.
    context: {},
    dispatch: () => undefined,
    getState: context.state,
    // The caller gets the error with the promise.
    onError: () => undefined,
  }
  return {
    context,
    run: (saga, request) => runSaga(io, saga, context, request).toPromise(),
  }
}
