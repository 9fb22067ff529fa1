import { turnStarted } from '../slices/facts.js'
import { selectOrchestrator } from '../slices/orchestrators.js'
import type { Admission } from '../slices/rules/breaker.js'
import { RateLimitExceededError } from '../slices/rules/tokenBucket.js'
import { checkCaps, estimateUsd, modelOf, passBreaker, priceOf, refuseTurn, type Candidate } from './admission.js'
import { attemptTurn } from './attempts.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { requireGoverned } from './governance.js'
import { hasHook, hookInfo, runHooks } from './hooks.js'
import { answerOnce } from './idempotency.js'
import { unlessAborted } from './invoke.js'
import { answer, questionOf } from './journal.js'
import { releaseRate, reserveRate } from './rateLimits.js'
import { recordableTurn } from './recordedTurn.js'
import { routeCall } from './routing.js'
import { requireActive } from './session.js'
import type { StartedTurn } from './startedTurn.js'
import { guardTurn } from './turnGuardrails.js'
import type { TurnRequest, TurnResult } from './turnRequest.js'

/** Runs one model turn, or answers from the log what it returned before. */
export function* turnSaga<T>(context: Context, request: TurnRequest<T>): Saga<TurnResult<T>> {
  return yield* answer<TurnResult<T>>(context, {
    sessionId: request.sessionId,
    signal: request.signal,
    question: () => questionOf('turn', request.name, givenOf(request)),
    live: () => beginTurn(context, request),
    encode: recordableTurn,
  })
}

/** A model that is chosen by its provider may be another one the next time. */
function givenOf<T>({ model, input, idempotencyKey }: TurnRequest<T>): Readonly<Record<string, unknown>> {
  return { model: typeof model === 'string' ? model : undefined, input, key: idempotencyKey ?? undefined }
}

/** Decides whether a turn may run, calls the model, and accounts for what happened. */
function* beginTurn<T>(context: Context, request: TurnRequest<T>): Saga<TurnResult<T>> {
  const { sessionId, signal, idempotencyKey } = request
  requireActive(context, sessionId)
  signal?.throwIfAborted()
  const call = context.calls.begin(sessionId, signal)
  try {
    if (idempotencyKey === null) return yield* runTurn(context, request, call)
    return yield* answerOnce(context, request, idempotencyKey, call, (keyed) => runTurn(context, keyed, call))
  } finally {
    call.end()
  }
}

/** The order of checks: rate limit, caps, governance, hooks, guardrails, and the circuit breaker last, because it admits. */
function* runTurn<T>(context: Context, request: TurnRequest<T>, call: RunningCall): Saga<TurnResult<T>> {
  const candidate = candidateOf(context, request)
  yield* waitForRate(context, candidate, call)
  let prepared = request
  let started: StartedTurn
  try {
    admit(context, candidate, 'tell')
    if (isWatched(request)) {
      prepared = { ...request, input: yield* unlessAborted(call, prepare(context, request, candidate)) }
      admit(context, candidate, 'told')
    }
    started = start(context, prepared, candidate)
  } catch (error) {
    releaseRate(context, candidate)
    throw error
  }
  return yield* attemptTurn(context, prepared, started, call)
}

function candidateOf<T>(context: Context, request: TurnRequest<T>): Candidate {
  const { sessionId, model, estimate } = request
  const config = selectOrchestrator(context.state(), requireActive(context, sessionId).orchestratorId)
  const provider = typeof model === 'function' ? (routeCall(context, config)?.provider ?? null) : null
  return { sessionId, config, model: modelOf(model, config.model, provider), estimate }
}

function* waitForRate(context: Context, candidate: Candidate, call: RunningCall): Saga<void> {
  try {
    yield* reserveRate(context, candidate, call)
  } catch (error) {
    if (error instanceof RateLimitExceededError) refuseTurn(context, candidate, error.code)
    throw error
  }
}

/** Caps and governance. What alerts is told at the first look; a second look is only at what happened meanwhile. */
function admit(context: Context, candidate: Candidate, alerts: 'tell' | 'told'): void {
  checkCaps(context, candidate, priceOf(context, candidate.model))
  requireGoverned(context, candidate.sessionId, {
    pending: { turns: 1 },
    refuse: () => refuseTurn(context, candidate, 'governance_breach'),
    alerts,
  })
}

/** Whether somebody looks at the turn before it starts, and may take time for that. */
function isWatched<T>({ functions: { hooks, guardrails } }: TurnRequest<T>): boolean {
  return hasHook(hooks, 'beforeModel') || guardrails.some(({ appliesTo }) => appliesTo?.includes('turn'))
}

/** Hooks and guardrails before the call. Returns the input that the function gets. */
function* prepare<T>(context: Context, request: TurnRequest<T>, candidate: Candidate): Saga<unknown> {
  const { hooks, guardrails } = request.functions
  let { input } = request
  try {
    input = yield* runHooks(hooks, 'beforeModel', input, hookInfo(candidate))
  } catch (error) {
    refuseTurn(context, candidate, 'hook_failed')
    throw error
  }
  yield* guardTurn(context, guardrails, candidate, { stage: 'pre', input })
  return input
}

/** Nothing waits in here: what was checked just before still holds when the turn is recorded as started. */
function start<T>(context: Context, request: TurnRequest<T>, candidate: Candidate): StartedTurn {
  const { sessionId, config, estimate } = candidate
  const route = routeCall(context, config)
  const model = modelOf(request.model, config.model, route?.provider ?? null)
  const price = priceOf(context, model)
  // While it waited, others moved the router on.
  if (model !== candidate.model) checkCaps(context, { ...candidate, model }, price)
  const admission = admitThroughBreaker(context, candidate)
  const turnId = `turn-${requireActive(context, sessionId).turns.started + 1}`
  const timeoutMs = request.timeoutMs === undefined ? config.turnTimeoutMs : request.timeoutMs
  const reservedUsd = estimateUsd(context, estimate, price)
  context.record(turnStarted({ sessionId, turnId, model, admission, route, timeoutMs, reservedUsd }))
  return { sessionId, config, model, estimate, turnId, timeoutMs, attempt: 1, price, admission, route }
}

function admitThroughBreaker(context: Context, candidate: Candidate): Admission | null {
  const { admission, error } = passBreaker(context, candidate.config)
  if (!error) return admission
  refuseTurn(context, candidate, 'circuit_open')
  requireGoverned(context, candidate.sessionId, { cause: error })
  throw error
}
