import { turnFailed, turnRetried } from '../slices/facts.js'
import { describeError } from '../slices/rules/errors.js'
import { isTerminal } from '../slices/rules/lifecycle.js'
import type { RecoveryStep } from '../slices/rules/recipes.js'
import { RateLimitExceededError } from '../slices/rules/tokenBucket.js'
import { noUsage } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import { findOverspent, modelOf, passBreaker, priceOf } from './admission.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { reserveRate } from './rateLimits.js'
import { recover, type RecoveryPlan } from './recoveryPlan.js'
import { routeCall } from './routing.js'
import { recordAttemptFailed, recordCancelled, type FailedAttempt, type StartedTurn } from './settlement.js'
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
  const next = yield* unlessAborted(context, turn, call, prepareRetry(context, request, turn, failed, plan, call))
  if (!next) recordGivenUp(context, turn, failed)
  return next
}

function* prepareRetry<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  { error, scenario }: FailedAttempt,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<StartedTurn | undefined> {
  const { sessionId, turnId, config } = turn
  let { route } = turn
  const failed = { sessionId, callId: turnId, error, scenario }
  const mayRetry = yield* recover(context, failed, {
    plan,
    call,
    handlers: request.functions.recovery,
    can: (step) => step !== 'switch_provider' || config.providers !== null,
    switchProvider() {
      if (route) plan.tried.push(route.provider)
      route = routeCall(context, config, turn.attempt + 1, plan.tried)
      return route !== null
    },
  })
  if (!mayRetry || !(yield* mayCallAgain(context, turn, call))) return undefined
  const model = modelOf(request.model, config.model, route?.provider ?? null)
  const { admission, error: refused } = passBreaker(context, config)
  if (refused) return undefined
  const attempt = turn.attempt + 1
  const steps: readonly RecoveryStep[] = plan.last?.steps ?? []
  const { contextScale, toolScale } = plan
  call.renew(error)
  context.record(turnRetried({ sessionId, turnId, model, attempt, steps, admission, route, contextScale, toolScale }))
  return { ...turn, model, price: priceOf(context, model), attempt, admission, route }
}

/** The session goes on, its money suffices, and the rate limit allows one more request. */
function* mayCallAgain(context: Context, turn: StartedTurn, call: RunningCall): Saga<boolean> {
  const { sessionId, config } = turn
  try {
    yield* reserveRate(context, { sessionId, config, estimate: null }, call)
  } catch (error) {
    if (error instanceof RateLimitExceededError) return false
    throw error
  }
  const status = selectSession(context.state(), sessionId)?.lifecycle.status
  if (status === undefined || isTerminal(status)) return false
  // Its own reservation still stands: it covers the whole turn.
  return findOverspent(context, { ...turn, estimate: null }, turn.price) === undefined
}

function* unlessAborted<T>(context: Context, turn: StartedTurn, call: RunningCall, steps: Saga<T>): Saga<T> {
  try {
    return yield* steps
  } catch (error) {
    if (call.aborted) recordCancelled(context, withoutCall(turn), noUsage, 'abort')
    else recordGivenUp(context, turn, { error, scenario: 'llm_error', failureClass: 'unknown', usage: noUsage })
    throw error
  }
}

/** Every attempt was recorded with what it used: the end of the turn adds nothing. */
function recordGivenUp(context: Context, turn: StartedTurn, { error, scenario, failureClass }: FailedAttempt): void {
  const { sessionId, turnId, model, price } = turn
  context.record(
    turnFailed({
      ...{ sessionId, turnId, model, price, scenario, failureClass },
      usage: noUsage,
      metered: true,
      admission: null,
      error: describeError(error),
      breakerOutcome: 'released',
    }),
  )
}

function withoutCall(turn: StartedTurn): StartedTurn {
  return { ...turn, admission: null }
}
