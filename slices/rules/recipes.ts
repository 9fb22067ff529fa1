import { assertArgument, InvalidArgumentError } from './errors.js'
import { SCENARIOS, type Scenario } from './failures.js'

export const RECOVERY_STEPS = [
  'retry_with_backoff',
  'switch_provider',
  'retry_with_smaller_context',
  'reduce_tool_set',
  'restart_agent',
  'clear_memory_cache',
] as const

export type RecoveryStep = (typeof RECOVERY_STEPS)[number]

/** What to do when the attempts of a recipe are used up. */
export type EscalationPolicy = 'alert_human' | 'log_and_continue' | 'abort'

/** How one scenario is recovered from. */
export interface Recipe {
  readonly scenario: Scenario
  /** Carried out in order. */
  readonly steps: readonly RecoveryStep[]
  /** Recoveries before the scenario escalates: per session while recording, per call while executing. */
  readonly maxAttempts: number
  readonly escalationPolicy: EscalationPolicy
  /** How often a step may be tried within one recovery. Default 1; 0 means it cannot succeed. */
  readonly stepRetries: Readonly<Partial<Record<RecoveryStep, number>>>
}

const RECIPES: Readonly<Record<Scenario, Recipe>> = {
  llm_timeout: recipe('llm_timeout', ['retry_with_backoff'], 2, 'alert_human'),
  llm_error: recipe('llm_error', ['retry_with_backoff', 'switch_provider'], 2, 'alert_human'),
  tool_execution_error: recipe('tool_execution_error', ['restart_agent'], 1, 'log_and_continue'),
  context_overflow: recipe('context_overflow', ['retry_with_smaller_context', 'reduce_tool_set'], 1, 'alert_human'),
  dependency_timeout: recipe('dependency_timeout', ['retry_with_backoff'], 1, 'alert_human'),
  memory_corruption: recipe('memory_corruption', ['clear_memory_cache', 'restart_agent'], 1, 'abort'),
  provider_failure: recipe('provider_failure', ['switch_provider', 'retry_with_backoff'], 2, 'abort'),
}

/** @throws {InvalidArgumentError} `scenario` is not a scenario. */
export function recipeFor(scenario: Scenario): Recipe {
  if (!SCENARIOS.includes(scenario)) {
    throw new InvalidArgumentError('scenario', scenario, `one of ${SCENARIOS.join(', ')}`)
  }
  return RECIPES[scenario]
}

function recipe(
  scenario: Scenario,
  steps: readonly RecoveryStep[],
  maxAttempts: number,
  escalationPolicy: EscalationPolicy,
): Recipe {
  return { scenario, steps, maxAttempts, escalationPolicy, stepRetries: {} }
}

// --- helpers for those who carry steps out -------------------------------------------------------------------------------------

export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated'

export interface BackoffSettings {
  /** Base of the exponential, and the least decorrelated wait. Default 2,000. */
  readonly baseMs?: number
  /** Longest wait. Default 60,000. */
  readonly capMs?: number
  /** Default `'decorrelated'`; `true` is `'full'` and `false` is `'none'`. */
  readonly jitter?: Jitter | boolean
}

export interface BackoffOptions extends BackoffSettings {
  /** The wait before this one. Only decorrelated jitter uses it. Default 0: there was none. */
  readonly previousDelayMs?: number
  /** Uniform in [0, 1). Required unless `jitter` is `'none'`: the runtime passes its own seeded source. */
  readonly random?: () => number
}

/**
 * How long to wait before attempt `attempt`, in milliseconds. With `exp = min(cap, base^attempt)`, base and cap in seconds:
 * `none` waits `exp`, `full` a uniform part of it, `equal` half of it and a uniform part of the other half, `decorrelated` a
 * uniform time between the base and three times the previous wait, at most the cap.
 * ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
 *
 * @param attempt - An integer from 0.
 * @throws {InvalidArgumentError} An argument is out of its range, or the jitter is unknown.
 */
export function backoffDelayMs(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 2_000, capMs = 60_000, previousDelayMs = 0 } = options
  assertArgument(Number.isInteger(attempt) && attempt >= 0, 'attempt', attempt, 'an integer from 0')
  assertArgument(Number.isFinite(baseMs) && baseMs > 0, 'baseMs', baseMs, 'a positive number')
  assertArgument(Number.isFinite(capMs) && capMs > 0, 'capMs', capMs, 'a positive number')
  assertArgument(
    Number.isFinite(previousDelayMs) && previousDelayMs >= 0,
    'previousDelayMs',
    previousDelayMs,
    'at least 0',
  )
  const random = options.random ?? missingRandom
  const exponentialMs = Math.min(capMs, (baseMs / 1_000) ** attempt * 1_000)
  switch (jitterName(options.jitter ?? 'decorrelated')) {
    case 'none':
      return exponentialMs
    case 'full':
      return random() * exponentialMs
    case 'equal':
      return exponentialMs / 2 + (random() * exponentialMs) / 2
    case 'decorrelated': {
      const upperMs = Math.max(baseMs, 3 * (previousDelayMs > 0 ? previousDelayMs : baseMs))
      return Math.min(capMs, baseMs + random() * (upperMs - baseMs))
    }
  }
}

/**
 * The first provider that is not the current one, or `null`.
 *
 * @throws {InvalidArgumentError} A name is blank.
 */
export function nextProvider(available: readonly string[], current: string | null): string | null {
  for (const name of available) assertArgument(name.trim() !== '', 'available', name, 'non-blank names')
  assertArgument(current?.trim() !== '', 'current', current, 'a non-blank name or null')
  return available.find((name) => name.trim() !== current?.trim()) ?? null
}

/**
 * How many characters of context to keep: `reduction` of what there is, rounded down.
 *
 * @param reduction - The part to keep, from 0 to 1. Default 0.75.
 * @throws {InvalidArgumentError} An argument is out of its range.
 */
export function smallerContextBudget(characters: number, reduction = 0.75): number {
  assertArgument(Number.isInteger(characters) && characters >= 0, 'characters', characters, 'an integer from 0')
  assertArgument(reduction >= 0 && reduction <= 1, 'reduction', reduction, 'a number from 0 to 1')
  return Math.trunc(characters * reduction)
}

function jitterName(jitter: Jitter | boolean): Jitter {
  const name = jitter === true ? 'full' : jitter === false ? 'none' : jitter
  assertArgument(
    ['none', 'full', 'equal', 'decorrelated'].includes(name),
    'jitter',
    name,
    'none, full, equal or decorrelated',
  )
  return name
}

function missingRandom(): never {
  throw new InvalidArgumentError('random', undefined, 'a function, because the jitter is random')
}
