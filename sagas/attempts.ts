import { classifyFailure } from '../slices/rules/failures.js'
import { noUsage, parseUsage, type UsageInput } from '../slices/rules/tokens.js'
import { CallHandle, type RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { checkGovernance, requireGoverned } from './governance.js'
import { guardTurn } from './turnGuardrails.js'
import { hookInfo, runHooks } from './hooks.js'
import { keepResult } from './idempotency.js'
import { invoke, type Outcome, type Timeout } from './invoke.js'
import { durable } from './journal.js'
import { waitOutDebt } from './rateLimits.js'
import { recordRecovery, type RecoveryInfo } from './recovery.js'
import { isDecision, RecoveryPlan } from './recoveryPlan.js'
import { retryTurn } from './retry.js'
import {
  checkBudget,
  checkUsageLimits,
  recordCancelled,
  recordCompleted,
  recordFailed,
  settleAborted,
} from './settlement.js'
import type { FailedAttempt, KnownUsage, StartedTurn } from './startedTurn.js'
import {
  TurnTimeoutError,
  UsageUnreadableError,
  type RunningTurn,
  type TurnRequest,
  type TurnResult,
} from './turnRequest.js'

/** Calls the turn's function, again after each recovery, until it returns or nothing more can be done. */
export function* attemptTurn<T>(
  context: Context,
  request: TurnRequest<T>,
  first: StartedTurn,
  call: RunningCall,
): Saga<TurnResult<T>> {
  const plan = new RecoveryPlan(first.config.recovery)
  let turn = first
  for (;;) {
    const { outcome, usage } = yield* callModel(context, request, turn, plan, call)
    switch (outcome.kind) {
      case 'returned':
        return yield* accept(context, request, turn, { value: outcome.value, usage }, call)
      case 'aborted':
        throw settleAborted(context, turn, outcome.reason, usage)
      case 'threw':
      case 'timed_out': {
        const failed = { error: outcome.error, usage, ...classifyFailure(outcome.error) }
        const next = yield* recoverTurn(context, request, turn, failed, plan, call)
        if (!next) throw outcome.error
        turn = next
      }
    }
  }
}

function* callModel<T>(
  context: Context,
  { thunk, input }: TurnRequest<T>,
  turn: StartedTurn,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<{ readonly outcome: Outcome<T>; readonly usage: KnownUsage }> {
  yield* durable(context)
  const handle = new TurnHandle(call, input, turn, plan)
  const outcome = yield* wait(invoke(context.clock, call, () => thunk(handle), timeoutOf(turn)))
  return { outcome, usage: handle.reported }
}

/** Answers with the next attempt, if there is one. */
function* recoverTurn<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  failed: FailedAttempt,
  plan: RecoveryPlan,
  call: RunningCall,
): Saga<StartedTurn | undefined> {
  const { sessionId, turnId: callId, config } = turn
  const { error, scenario, usage } = failed
  if (failed.failureClass === 'cancelled') {
    recordCancelled(context, turn, usage, 'abort')
    return undefined
  }
  if (config.recovery.mode === 'record') {
    recordFailed(context, turn, failed)
    const { recovery } = request.functions
    yield* recordRecovery(context, { sessionId, callId, error, scenario }, config.recovery, recovery, call)
  } else if (isDecision(error)) {
    recordFailed(context, turn, failed)
  } else {
    const next = yield* retryTurn(context, request, turn, failed, plan, call)
    if (next) return next
  }
  requireGoverned(context, sessionId, { cause: error })
  return undefined
}

interface Answer<T> {
  readonly value: T
  /** What the function reported. */
  readonly usage: KnownUsage
}

/** The model has answered. What it used is recorded before anything is decided about the answer. */
function* accept<T>(
  context: Context,
  request: TurnRequest<T>,
  turn: StartedTurn,
  answer: Answer<T>,
  call: RunningCall,
): Saga<TurnResult<T>> {
  const { usage: known, failure } = readUsage(request, answer)
  const usage = known ?? noUsage
  recordCompleted(context, turn, known)
  const overspent = checkBudget(context, turn)
  const answered = { value: answer.value, usage, turnId: turn.turnId, replayed: false }
  if (failure) throw new UsageUnreadableError(failure.error).after(answered)
  const result = yield* inspect(context, request, turn, answered)
  const unkept = keepResult(context, request, turn, result)
  yield* waitOutDebt(context, turn, usage, call)
  const error = unkept ?? overspent ?? checkUsageLimits(context, turn) ?? checkGovernance(context, turn.sessionId)
  if (error) throw error.after(result)
  return result
}

/** Hooks may change the answer, and guardrails see what the caller would get. */
function* inspect<T>(
  context: Context,
  { functions: { hooks, guardrails }, input }: TurnRequest<T>,
  turn: StartedTurn,
  answered: TurnResult<T>,
): Saga<TurnResult<T>> {
  let result = answered
  if (hooks.length > 0) {
    result = { ...answered, value: yield* runHooks(hooks, 'afterModel', answered.value, hookInfo(turn)) }
  }
  if (guardrails.length > 0) yield* guardTurn(context, guardrails, turn, { stage: 'post', input, result })
  return result
}

/** What the turn was given says more than what its function reported, and that more than what every turn is read with. */
function readUsage<T>(
  { usage, readUsage }: TurnRequest<T>,
  { value, usage: reported }: Answer<T>,
): { readonly usage: KnownUsage; readonly failure?: { readonly error: unknown } } {
  const read = usage ?? (reported ? undefined : readUsage)
  if (typeof read !== 'function') return { usage: read ?? reported }
  try {
    return { usage: parseUsage(read(value)) }
  } catch (error) {
    return { usage: reported, failure: { error } }
  }
}

class TurnHandle extends CallHandle implements RunningTurn {
  readonly #turn: StartedTurn
  readonly #plan: RecoveryPlan
  #reported: KnownUsage
  #reportUsage: ((usage: UsageInput) => void) | undefined

  constructor(
    call: RunningCall,
    readonly input: unknown,
    turn: StartedTurn,
    plan: RecoveryPlan,
  ) {
    super(call)
    this.#turn = turn
    this.#plan = plan
  }

  get sessionId(): string {
    return this.#turn.sessionId
  }

  get turnId(): string {
    return this.#turn.turnId
  }

  get model(): string | null {
    return this.#turn.model
  }

  get provider(): string | null {
    return this.#turn.route?.provider ?? null
  }

  get attempt(): number {
    return this.#turn.attempt
  }

  get contextScale(): number {
    return this.#plan.contextScale
  }

  get toolScale(): number {
    return this.#plan.toolScale
  }

  get recovery(): RecoveryInfo | null {
    return this.#plan.last
  }

  get reported(): KnownUsage {
    return this.#reported
  }

  // Not a method: users take it off the call and pass it on.
  get reportUsage(): (usage: UsageInput) => void {
    return (this.#reportUsage ??= (usage) => void (this.#reported = parseUsage(usage)))
  }
}

function timeoutOf({ timeoutMs: ms }: StartedTurn): Timeout | null {
  return ms === null ? null : { ms, error: new TurnTimeoutError(ms) }
}
