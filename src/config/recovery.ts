import * as v from 'valibot'
import type { RecoveryHandlers, StepHandler } from '../../sagas/recovery.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { SCENARIOS, type Scenario } from '../../slices/rules/failures.js'
import type { RecoveryConfig } from '../../slices/rules/orchestratorConfig.js'
import {
  RECOVERY_STEPS,
  recipeFor,
  type BackoffSettings,
  type EscalationPolicy,
  type Recipe,
  type RecoveryStep,
} from '../../slices/rules/recipes.js'
import { count, delayMs, functionOf, oneOf, positiveCount, strictOptions } from './schema.js'

export interface RecoveryOptions {
  /**
   * `'record'`, the default: writes down what the recipe for a failed turn says, and rethrows. `'execute'`: carries it out, and
   * calls the turn's function again; and that of a tool which is marked as idempotent.
   */
  readonly mode?: 'record' | 'execute' | undefined
  /** Instead of the built-in recipe of a scenario. */
  readonly recipes?: Readonly<Partial<Record<Scenario, RecipeOptions>>> | undefined
  /** Carries a step out instead of the runtime, and says whether it succeeded. While recording, steps without one are taken to succeed. */
  readonly steps?: RecoveryHandlers | undefined
  /** How long `retry_with_backoff` waits where the error does not say. Default: 2 seconds to a minute, decorrelated. */
  readonly backoff?: BackoffSettings | undefined
  /** A recovery that would have to wait longer than this before the next call fails. Default 120,000. */
  readonly maxRetryAfterMs?: number | undefined
  /**
   * What to do when a recipe that alerts a person is used up: `'pause'`, the default, asks one and waits; `'rethrow'` gives up.
   * Only while executing.
   */
  readonly escalation?: 'pause' | 'rethrow' | undefined
  /** How long a person has to answer before the error is rethrown. `null`: for ever. Default 1,800,000. */
  readonly escalationTimeoutMs?: number | null | undefined
}

/** What is left out is as in the built-in recipe. */
export interface RecipeOptions {
  readonly steps?: readonly RecoveryStep[] | undefined
  /** Recoveries per session while recording, per call while executing. */
  readonly maxAttempts?: number | undefined
  readonly escalationPolicy?: EscalationPolicy | undefined
  /** How often a step may be tried within one recovery. Default 1; 0 means it cannot succeed. */
  readonly stepRetries?: Readonly<Partial<Record<RecoveryStep, number>>> | undefined
}

const step = oneOf(RECOVERY_STEPS)
const steps = v.pipe(v.array(step, 'a list of steps'), v.minLength(1, 'a list of at least one step'))

const recipe = strictOptions(
  {
    steps: v.optional(steps),
    maxAttempts: v.optional(positiveCount),
    escalationPolicy: v.optional(oneOf(['alert_human', 'log_and_continue', 'abort'])),
    stepRetries: v.optional(v.record(step, count, 'an object of counts by step')),
  },
  'a recipe',
)

const backoff = strictOptions(
  {
    baseMs: v.optional(delayMs),
    capMs: v.optional(delayMs),
    jitter: v.optional(v.union([oneOf(['none', 'full', 'equal', 'decorrelated']), v.boolean()], 'a kind of jitter')),
  },
  'an object of backoff settings',
)

export const recoverySchema = strictOptions(
  {
    mode: v.optional(oneOf(['record', 'execute']), 'record'),
    recipes: v.optional(v.record(oneOf(SCENARIOS), recipe, 'an object of recipes by scenario'), {}),
    steps: v.optional(v.record(step, functionOf<StepHandler>('a function'), 'an object of functions by step'), {}),
    backoff: v.optional(backoff, {}),
    maxRetryAfterMs: v.optional(delayMs, 120_000),
    escalation: v.optional(oneOf(['pause', 'rethrow']), 'pause'),
    escalationTimeoutMs: v.optional(v.nullable(delayMs), 1_800_000),
  },
  'an object of recovery options',
)

export function parseRecovery(parsed: v.InferOutput<typeof recoverySchema>): {
  readonly config: RecoveryConfig
  readonly handlers: RecoveryHandlers
} {
  const { recipes, steps: handlers, ...config } = parsed
  const filled = Object.entries(recipes).map(([scenario, given]) => [
    scenario,
    fill(recipeFor(scenario as Scenario), given as RecipeOptions),
  ])
  const backoff = Object.fromEntries(Object.entries(config.backoff).filter(([, value]) => value !== undefined))
  return {
    config: { ...config, backoff, recipes: Object.fromEntries(filled) as RecoveryConfig['recipes'] },
    handlers,
  }
}

function fill(builtIn: Recipe, given: RecipeOptions): Recipe {
  const { scenario } = builtIn
  const { steps = builtIn.steps, stepRetries = builtIn.stepRetries } = given
  for (const [step, budget] of Object.entries(stepRetries)) {
    const field = `recovery.recipes.${scenario}.stepRetries.${step}`
    assertArgument(steps.includes(step as RecoveryStep), field, budget, 'left out: the recipe has no such step')
  }
  return {
    scenario,
    steps,
    maxAttempts: given.maxAttempts ?? builtIn.maxAttempts,
    escalationPolicy: given.escalationPolicy ?? builtIn.escalationPolicy,
    stepRetries,
  }
}
