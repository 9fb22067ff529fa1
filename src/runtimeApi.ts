import { resolveApproval } from '../sagas/approvals.js'
import type { Context } from '../sagas/context.js'
import { drain } from '../sagas/drain.js'
import { provideInput } from '../sagas/input.js'
import { cancelFromOutside } from '../sagas/session.js'
import { selectProviders } from '../slices/providers.js'
import { selectRateLimit } from '../slices/rateLimits.js'
import { assertArgument, describeError, NotFoundError } from '../slices/rules/errors.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { selectActiveSessions, selectSession } from '../slices/sessions.js'
import type { AgentRuntime } from './agentRuntime.js'
import { createBreakerHandle, viewBreaker } from './breaker.js'
import { parseBreaker } from './config/breaker.js'
import { parseOrchestrator, type SharedSettings } from './config/orchestrator.js'
import { parseAnswer, parseDecision, parseRequestId } from './config/people.js'
import type { ModelPricing } from './config/pricing.js'
import { parseProviders } from './config/providers.js'
import { parseRateLimit } from './config/rateLimit.js'
import { parseDrain } from './config/runtime.js'
import type { EventLog } from './log/eventLog.js'
import { saveSnapshot } from './log/saveSnapshot.js'
import { Orchestrator } from './orchestrator.js'
import { Registrations, type PricingOptions } from './registrations.js'
import { bindSelectors } from './select.js'
import type { RuntimeCore } from './session.js'
import type { RuntimeSinks } from './sinks/runtimeSinks.js'
import type { ShownState } from './store/shownState.js'

interface RuntimeParts {
  readonly log: EventLog
  readonly context: Context
  readonly shown: ShownState
  readonly sinks: RuntimeSinks
  readonly stopOpening: () => void
}

/** What a runtime's user holds. */
export function createRuntimeApi({ log, context, shown, sinks, stopOpening }: RuntimeParts): AgentRuntime {
  const core: RuntimeCore = { context, run: (saga, request) => context.run(saga(context, request)) }
  const registrations = new Registrations(context)
  const subscribe = (listener: () => void): (() => void) => {
    assertArgument(typeof listener === 'function', 'listener', listener, 'a function')
    return shown.subscribe(() => isolate(listener, context.warn))
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closed ??= closeLog(context, log, stopOpening, subscribe).finally(() => shown.disconnect()))
  return {
    log,
    sinks,
    subscribe,
    select: bindSelectors(
      () => shown.shown,
      () => context.clock.now(),
    ),
    getState: () => shown.shown,
    isLive: () => shown.isLive(),
    goLive: () => shown.goLive(),
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
  subscribe: AgentRuntime['subscribe'],
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

/** A listener that throws must not end the turn whose fact it was told of, nor keep the others from hearing of it. */
function isolate(listener: () => void, warn: Context['warn']): void {
  try {
    listener()
  } catch (error) {
    const { name } = describeError(error)
    warn({ code: 'listener_failed', message: `a subscriber threw ${name}`, error })
  }
}

function requireSession(context: Context, sessionId: string): void {
  if (!selectSession(context.state(), sessionId)) throw new NotFoundError('session', sessionId)
}

function nextChange(subscribe: AgentRuntime['subscribe']) {
  let stop = (): void => undefined
  const changed = new Promise<void>((resolve) => (stop = subscribe(resolve)))
  return { changed, stop: () => stop() }
}
