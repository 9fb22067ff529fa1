import { recoveryAttempted, type CallId, type SessionId } from '../slices/facts.js'
import type { Scenario } from '../slices/rules/failures.js'
import type { RecoveryConfig } from '../slices/rules/orchestratorConfig.js'
import { recipeFor, type Recipe, type RecoveryStep } from '../slices/rules/recipes.js'
import { selectSession } from '../slices/sessions.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { invoke } from './invoke.js'

/** A step that somebody carries out. */
export interface StepInfo {
  readonly scenario: Scenario
  readonly step: RecoveryStep
  /** The position of the step in its recipe, from 0. */
  readonly index: number
  /** How often this step was tried in this recovery, from 1. */
  readonly attempt: number
  /** What the failed call threw. */
  readonly error: unknown
  /** Aborted with the call. Nobody waits for the step then. */
  readonly signal: AbortSignal
}

/** Answers whether the step succeeded. One that throws did not. */
export type StepHandler = (step: StepInfo) => boolean | Promise<boolean>

/** Functions that carry steps out, instead of what the runtime does for them. */
export type RecoveryHandlers = Readonly<Partial<Record<RecoveryStep, StepHandler>>>

/** What was done before a function is called again. */
export interface RecoveryInfo {
  readonly scenario: Scenario
  /** In the order in which they were done. Empty: a person decided to try again. */
  readonly steps: readonly RecoveryStep[]
}

/** The call that failed. */
export interface FailedCall {
  readonly sessionId: SessionId
  readonly callId: CallId
  readonly error: unknown
  readonly scenario: Scenario
}

export function recipeOf({ recipes }: RecoveryConfig, scenario: Scenario): Recipe {
  return recipes[scenario] ?? recipeFor(scenario)
}

/**
 * Records what the recipe for a failed turn does, and how far it came. Steps without a handler are taken to succeed: in this mode
 * the runtime carries nothing out and the turn's own error goes on to the caller.
 */
export function* recordRecovery(
  context: Context,
  failed: FailedCall,
  config: RecoveryConfig,
  handlers: RecoveryHandlers,
  call: RunningCall,
): Saga<void> {
  const { sessionId, scenario } = failed
  const recipe = recipeOf(config, scenario)
  const attempts = selectSession(context.state(), sessionId)?.recovery.attempts[scenario] ?? 0
  if (attempts >= recipe.maxAttempts) return recordExhausted(context, failed, recipe)
  const done = yield* runSteps(context, recipe.steps, recipe, failed, { handlers, call, builtIn: () => true })
  recordSteps(context, failed, recipe.steps, done)
}

export function recordExhausted(
  context: Context,
  { sessionId, callId, scenario }: FailedCall,
  { maxAttempts }: Recipe,
): void {
  const reason = `max attempts (${maxAttempts}) exhausted for ${scenario}`
  const nothing = { recoveredSteps: [], remainingSteps: [], reason }
  context.record(recoveryAttempted({ sessionId, callId, scenario, outcome: 'escalation_required', ...nothing }))
}

/** @param done - How many of the steps succeeded. */
export function recordSteps(
  context: Context,
  { sessionId, callId, scenario }: FailedCall,
  steps: readonly RecoveryStep[],
  done: number,
): void {
  context.record(
    recoveryAttempted({
      sessionId,
      callId,
      scenario,
      outcome: done === steps.length ? 'recovered' : 'partial_recovery',
      recoveredSteps: steps.slice(0, done),
      remainingSteps: steps.slice(done),
      reason: '',
    }),
  )
}

/** Who carries steps out. */
export interface StepRunner {
  readonly handlers: RecoveryHandlers
  readonly call: RunningCall
  /** Carries out a step that has no handler. */
  readonly builtIn: (step: RecoveryStep) => boolean | Saga<boolean>
}

/** Runs the steps in order, each as often as its budget allows. Returns how many succeeded before the first that did not. */
export function* runSteps(
  context: Context,
  steps: readonly RecoveryStep[],
  { stepRetries }: Recipe,
  { scenario, error }: FailedCall,
  { handlers, call, builtIn }: StepRunner,
): Saga<number> {
  for (const [index, step] of steps.entries()) {
    const handler = handlers[step]
    let succeeded = false
    for (let attempt = 1; attempt <= (stepRetries[step] ?? 1) && !succeeded; attempt += 1) {
      const info = { scenario, step, index, attempt, error }
      succeeded = handler ? yield* handle(context, handler, info, call) : yield* answerOf(builtIn(step))
    }
    if (!succeeded) return index
  }
  return steps.length
}

/** What a handler throws must not take the place of the error that it was called for, and an abort does not wait for it. */
function* handle(
  context: Context,
  handler: StepHandler,
  info: Omit<StepInfo, 'signal'>,
  call: RunningCall,
): Saga<boolean> {
  const outcome = yield* wait(invoke(context.clock, call, () => handler({ ...info, signal: call.signal }), null))
  return outcome.kind === 'returned' && outcome.value
}

function* answerOf(answer: boolean | Saga<boolean>): Saga<boolean> {
  return typeof answer === 'boolean' ? answer : yield* answer
}
