import type { Scenario } from '../slices/rules/failures.js'
import type { RecoveryConfig } from '../slices/rules/orchestratorConfig.js'
import { backoffDelayMs, type RecoveryStep } from '../slices/rules/recipes.js'
import { retryAfterMs } from './retryAfter.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { sleep } from './invoke.js'
import { requestInput } from './input.js'
import {
  recipeOf,
  recordExhausted,
  recordSteps,
  runSteps,
  type FailedCall,
  type RecoveryHandlers,
  type RecoveryInfo,
} from './recovery.js'

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
  last: RecoveryInfo | null = null

  constructor(config: RecoveryConfig) {
    this.#config = config
  }

  get config(): RecoveryConfig {
    return this.#config
  }

  /** Providers that were left because they failed. */
  get tried(): string[] {
    return (this.#tried ??= [])
  }

  attempts(scenario: Scenario): number {
    return this.#attempts?.get(scenario) ?? 0
  }

  count(scenario: Scenario): void {
    this.#attempts ??= new Map()
    this.#attempts.set(scenario, this.attempts(scenario) + 1)
  }

  forget(scenario: Scenario): void {
    this.#attempts?.delete(scenario)
  }

  /** As long as the error asks for; else a backoff that grows with the attempts. */
  delayMs(context: Context, { error, scenario }: FailedCall): number {
    const asked = retryAfterMs(error, context.clock.now())
    const delayMs =
      asked ??
      backoffDelayMs(this.attempts(scenario), {
        ...this.#config.backoff,
        previousDelayMs: this.#previousDelayMs,
        random: () => context.random(),
      })
    this.#previousDelayMs = delayMs
    return delayMs
  }
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
  const { plan, handlers } = recovering
  const { scenario } = failed
  const recipe = recipeOf(plan.config, scenario)
  if (plan.attempts(scenario) >= recipe.maxAttempts) {
    recordExhausted(context, failed, recipe)
    return recipe.escalationPolicy === 'alert_human' && (yield* escalate(context, failed, recovering))
  }
  plan.count(scenario)
  const steps = recipe.steps.filter((step) => handlers[step] ?? recovering.can(step))
  const done = yield* runSteps(steps, recipe, failed, handlers, (step) => carryOut(context, step, failed, recovering))
  recordSteps(context, failed, steps, done)
  plan.last = { scenario, steps }
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
  plan.forget(scenario)
  plan.last = { scenario, steps: [] }
  return true
}
