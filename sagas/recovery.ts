import { recoveryAttempted, type SessionId, type TurnId } from '../slices/facts.js'
import { assertArgument } from '../slices/rules/errors.js'
import type { Scenario } from '../slices/rules/failures.js'
import { recipeFor, type Recipe, type RecoveryStep } from '../slices/rules/recipes.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'

/** A step that somebody carries out. */
export interface StepInfo {
  readonly scenario: Scenario
  readonly step: RecoveryStep
  /** The position of the step in its recipe, from 0. */
  readonly index: number
  /** How often this step was tried in this recovery, from 1. */
  readonly attempt: number
}

/** Answers whether the step succeeded. */
export type StepHandler = (step: StepInfo) => boolean | Promise<boolean>

/**
 * Records what the recipe for a failed turn does, and how far it came. Steps without a handler are taken to succeed: in this mode
 * the runtime carries nothing out and the turn's own error goes on to the caller.
 */
export function* recordRecovery(
  context: Context,
  { sessionId, turnId }: { readonly sessionId: SessionId; readonly turnId: TurnId },
  scenario: Scenario,
  onStep: StepHandler | undefined,
): Saga<void> {
  const recipe = recipeFor(scenario)
  const attempts = selectSession(context.state(), sessionId)?.recovery.attempts[scenario] ?? 0
  if (attempts >= recipe.maxAttempts) {
    const reason = `max attempts (${recipe.maxAttempts}) exhausted for ${scenario}`
    const nothing = { recoveredSteps: [], remainingSteps: [], reason }
    context.record(recoveryAttempted({ sessionId, turnId, scenario, outcome: 'escalation_required', ...nothing }))
    return
  }
  const done = onStep ? yield* runSteps(recipe, onStep) : recipe.steps.length
  context.record(
    recoveryAttempted({
      sessionId,
      turnId,
      scenario,
      outcome: done === recipe.steps.length ? 'recovered' : 'partial_recovery',
      recoveredSteps: recipe.steps.slice(0, done),
      remainingSteps: recipe.steps.slice(done),
      reason: '',
    }),
  )
}

/** Runs the steps in order, each as often as its budget allows. Returns how many succeeded before the first that did not. */
function* runSteps({ scenario, steps, stepRetries }: Recipe, onStep: StepHandler): Saga<number> {
  for (const [index, step] of steps.entries()) {
    let succeeded = false
    for (let attempt = 1; attempt <= (stepRetries[step] ?? 1) && !succeeded; attempt += 1) {
      succeeded = yield* wait(onStep({ scenario, step, index, attempt }))
      assertArgument(typeof succeeded === 'boolean', 'recovery.onStep()', succeeded, 'a boolean')
    }
    if (!succeeded) return index
  }
  return steps.length
}
