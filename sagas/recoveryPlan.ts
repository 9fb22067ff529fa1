import { isRuntimeError } from '../slices/rules/errors.js'
import type { Scenario } from '../slices/rules/failures.js'
import type { RecoveryConfig } from '../slices/rules/orchestratorConfig.js'
import { backoffDelayMs, type RecoveryStep } from '../slices/rules/recipes.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { requestInput } from './input.js'
import { sleep } from './invoke.js'
import {
  recipeOf,
  recordExhausted,
  recordSteps,
  runSteps,
  type FailedCall,
  type RecoveryHandlers,
  type RecoveryInfo,
} from './recovery.js'
import { retryAfterMs } from './retryAfter.js'
import { goesOn } from './session.js'

/** What one step of a smaller context leaves. */
const CONTEXT_REDUCTION = 0.75
/** What one step of fewer tools leaves. */
const TOOL_REDUCTION = 0.5

/** What recoveries of one call have come to so far. It lives as long as the call. */
export class RecoveryPlan {
  readonly #config: RecoveryConfig
  // Made when something fails: most calls do not.
  #attempts: Map<Scenario, number> | undefined
  #tried: string[] | undefined
  #previousDelayMs = 0
  contextScale = 1
  toolScale = 1
  /** How long the last recovery backed off. */
  waitedMs = 0
  last: RecoveryInfo | null = null

  constructor(config: RecoveryConfig) {
    this.#config = config
  }

  get config(): RecoveryConfig {
    return this.#config
  }

  /** Providers that were left because they failed, the latest last. */
  get tried(): readonly string[] {
    return this.#tried ?? []
  }

  leave(provider: string): void {
    this.#tried = [...this.tried.filter((left) => left !== provider), provider]
  }

  attempts(scenario: Scenario): number {
    return this.#attempts?.get(scenario) ?? 0
  }

  count(scenario: Scenario): void {
    this.#attempts ??= new Map()
    this.#attempts.set(scenario, this.attempts(scenario) + 1)
  }

  /** A person decided to try again: the recipe begins afresh, and every provider may be called again. */
  startAfresh(scenario: Scenario): void {
    this.#attempts?.delete(scenario)
    this.#tried = undefined
    this.#previousDelayMs = 0
    this.last = { scenario, steps: [] }
  }

  /** As long as the error asks for; else a backoff that grows with the attempts. In whole milliseconds. */
  delayMs(context: Context, { error, scenario }: FailedCall): number {
    const delayMs = retryAfterMs(error, context.clock.now()) ?? this.#backoffMs(context, scenario)
    this.#previousDelayMs = Math.ceil(delayMs)
    return this.#previousDelayMs
  }

  #backoffMs(context: Context, scenario: Scenario): number {
    const previousDelayMs = this.#previousDelayMs
    const random = (): number => context.random()
    return backoffDelayMs(this.attempts(scenario), { ...this.#config.backoff, previousDelayMs, random })
  }
}

/** An error of this runtime is a decision, not an accident: calling again would meet the same one. Its timeouts are accidents. */
export function isDecision(error: unknown): boolean {
  return isRuntimeError(error) && error.code !== 'turn_timeout' && error.code !== 'tool_timeout'
}

/** How the kind of call that failed recovers. */
export interface Recovering {
  readonly plan: RecoveryPlan
  readonly handlers: RecoveryHandlers
  readonly call: RunningCall
  /** Whether the runtime can carry out the step for this kind of call. Steps that nobody can are left out of the recipe. */
  can(step: RecoveryStep): boolean
  /** `false`: no provider is left. */
  switchProvider(): boolean
}

/**
 * Carries out the recipe for a failed call. Answers whether the call may be tried again.
 *
 * @throws The reason of an abort while it waited.
 */
export function* recover(context: Context, failed: FailedCall, recovering: Recovering): Saga<boolean> {
  const { plan, handlers, call } = recovering
  const { scenario } = failed
  const recipe = recipeOf(plan.config, scenario)
  if (!goesOn(context, failed.sessionId)) return false
  plan.waitedMs = 0
  if (plan.attempts(scenario) >= recipe.maxAttempts) {
    recordExhausted(context, failed, recipe)
    return recipe.escalationPolicy === 'alert_human' && (yield* escalate(context, failed, recovering))
  }
  plan.count(scenario)
  const steps = recipe.steps.filter((step) => handlers[step] ?? recovering.can(step))
  const builtIn = (step: RecoveryStep) => carryOut(context, step, failed, recovering)
  const done = yield* runSteps(context, steps, recipe, failed, { handlers, call, builtIn })
  if (call.aborted) throw call.aborted.reason
  plan.last = { scenario, steps }
  // A recipe that nobody can carry out has recovered nothing.
  recordSteps(context, failed, steps.length > 0 ? steps : recipe.steps, done)
  return steps.length > 0 && done === steps.length
}

function carryOut(
  context: Context,
  step: RecoveryStep,
  failed: FailedCall,
  { plan, call, switchProvider }: Recovering,
): boolean | Saga<boolean> {
  switch (step) {
    case 'retry_with_backoff':
      return backOff(context, failed, plan, call)
    case 'switch_provider':
      return switchProvider()
    case 'retry_with_smaller_context':
      plan.contextScale *= CONTEXT_REDUCTION
      return true
    case 'reduce_tool_set':
      plan.toolScale *= TOOL_REDUCTION
      return true
    case 'restart_agent':
    case 'clear_memory_cache':
      // The function is told with its next call: what it keeps is its own.
      return true
  }
}

function* backOff(context: Context, failed: FailedCall, plan: RecoveryPlan, call: RunningCall): Saga<boolean> {
  const delayMs = plan.delayMs(context, failed)
  if (delayMs > plan.config.maxRetryAfterMs) return false
  yield* sleep(context.clock, call, delayMs)
  plan.waitedMs += delayMs
  return true
}

/** Asks a person. `'retry'` starts the recipe afresh; any other answer, or none in time, gives up. */
function* escalate(context: Context, failed: FailedCall, { plan, call }: Recovering): Saga<boolean> {
  const { escalation, escalationTimeoutMs: timeoutMs } = plan.config
  if (escalation !== 'pause') return false
  const { sessionId, callId, scenario } = failed
  const prompt = `${callId} could not be recovered from ${scenario}: retry or give_up?`
  const answer = yield* requestInput(context, { sessionId, prompt, kind: 'escalation', timeoutMs }, call)
  if (answer?.value !== 'retry') return false
  plan.startAfresh(scenario)
  return true
}
