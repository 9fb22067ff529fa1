import { turnCancelled, turnFailed, turnRetried } from '../slices/facts.js'
import { describeError } from '../slices/rules/errors.js'
import { RateLimitExceededError } from '../slices/rules/tokenBucket.js'
import { noUsage } from '../slices/rules/tokens.js'
import { estimateUsd, findOverspent, modelOf, passBreaker, priceOf } from './admission.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { checkGovernance, hasBreached } from './governance.js'
import { releaseRate, reserveRate } from './rateLimits.js'
import { recover, type RecoveryPlan } from './recoveryPlan.js'
import { routeAgain, routeCall } from './routing.js'
import { goesOn } from './session.js'
import { cancelledBy, recordAttemptFailed } from './settlement.js'
import type { FailedAttempt, StartedTurn } from './startedTurn.js'
import { holdBack } from './waitForLive.js'
import type { TurnRequest } from './turnRequest.js'

/**
 * Carries out what the recipe for a failed attempt says, and starts the next one. Answers with the next attempt, or with
 * `undefined`: nothing more can be done, and the turn is recorded as failed.
 *
 * @throws The reason of an abort while it waited. The turn is recorded as cancelled.
 */
export function* retryTurn<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  failed: FailedAttempt,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<StartedTurn | undefined> {
  recordAttemptFailed(context, turn, failed)
  try {
    const next = yield* prepareRetry(context, request, turn, failed, plan, call)
    if (!next) recordGivenUp(context, turn, failed)
    return next
  } catch (error) {
    if (call.aborted) recordAborted(context, turn, failed, error)
    else recordGivenUp(context, turn, failed)
    throw error
  }
}

function* prepareRetry<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  { error, scenario }: FailedAttempt,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<StartedTurn | undefined> {
  const { sessionId, turnId: callId, config, route } = turn
  let switches = false
  const mayRetry = yield* recover(
    context,
    { sessionId, callId, error, scenario },
    {
      plan,
      call,
      handlers: request.functions.recovery,
      can: (step) => step !== 'switch_provider' || config.providers !== null,
      switchProvider() {
        if (route) plan.leave(route.provider)
        switches = true
        return routeCall(context, config, turn.attempt + 1, plan.tried) !== null
      },
    },
  )
  if (!mayRetry) return undefined
  yield* holdBack(context, call)
  if (!(yield* reserveAgain(context, turn, call))) return undefined
  let next: StartedTurn | undefined
  try {
    next = startAgain(context, request, turn, plan, switches)
  } finally {
    if (!next) releaseRate(context, turn)
  }
  if (next) recordRetried(context, next, plan, call, error)
  return next
}

/** Whether the rate limit allows one more request. */
function* reserveAgain(context: Context, turn: StartedTurn, call: RunningCall): Saga<boolean> {
  try {
    yield* reserveRate(context, turn, call)
    return true
  } catch (error) {
    if (error instanceof RateLimitExceededError) return false
    throw error
  }
}

/** The next attempt, as long as the session goes on, its money suffices and the circuit breaker lets it through. */
function startAgain<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  plan: RecoveryPlan,
  switches: boolean,
): StartedTurn | undefined {
  const { sessionId, config } = turn
  if (!goesOn(context, sessionId) || hasBreached(context, sessionId)) return undefined
  const attempt = turn.attempt + 1
  // Chosen now and not before the waits: others have moved the router on meanwhile.
  const route = switches ? routeCall(context, config, attempt, plan.tried) : routeAgain(context, turn.route)
  const model = modelOf(request.model, config.model, route?.provider ?? null)
  const price = priceOf(context, model)
  if (price === null && config.unpricedModels === 'refuse') return undefined
  if (findOverspent(context, { ...turn, model }, price)) return undefined
  const { admission, error: refused } = passBreaker(context, config)
  return refused ? undefined : { ...turn, model, price, attempt, admission, route }
}

function recordRetried(
  context: Context,
  { sessionId, turnId, model, estimate, price, attempt, admission, route }: StartedTurn,
  { last, waitedMs, contextScale, toolScale }: RecoveryPlan,
  call: RunningCall,
  error: unknown,
): void {
  const steps = last?.steps ?? []
  call.renew(error)
  const reservedUsd = estimateUsd(context, estimate, price)
  context.record(
    turnRetried({
      ...{ sessionId, turnId, model, attempt, steps, waitedMs, admission, route, contextScale, toolScale },
      reservedUsd,
    }),
  )
}

function recordGivenUp(context: Context, turn: StartedTurn, failed: FailedAttempt): void {
  const { error, scenario, failureClass } = failed
  context.record(
    turnFailed({
      ...endBetweenCalls(turn, failed),
      ...{ scenario, failureClass },
      error: describeError(error),
      breakerOutcome: 'released',
    }),
  )
}

function recordAborted(context: Context, turn: StartedTurn, failed: FailedAttempt, reason: unknown): void {
  const by = cancelledBy(reason)
  context.record(turnCancelled({ ...endBetweenCalls(turn, failed), by }))
  if (by === 'abandoned_stream') checkGovernance(context, turn.sessionId, { cause: reason })
}

/** Every attempt was recorded with what it used: the end of the turn adds nothing. */
function endBetweenCalls({ sessionId, turnId, model, price }: StartedTurn, { usage }: FailedAttempt) {
  return { sessionId, turnId, model, price, usage: noUsage, metered: usage !== undefined, admission: null }
}
