import { PaidTurnError } from './errors.js'
import { formatCost, isAbove, roundUsd } from './prices.js'

/**
 * What can be limited:
 * - `max_iterations`: turns that were begun, those included that an idempotency key answered or that were refused late;
 * - `max_budget_usd`: US dollars spent;
 * - `max_consecutive_failures`: turns that failed since one was last answered;
 * - `max_tool_calls`: calls of `runTool` that the role may make, whatever became of them;
 * - `max_repeated_calls`: how often the same tool is called with the same arguments, among the latest 32 calls before this one
 *   and this one. The order of keys does not matter, nor what is called in between: A, B, A, B is a loop too. Calls without `args`,
 *   or with `args` that are not JSON, do not count.
 */
export const GOVERNANCE_LIMITS = [
  'max_iterations',
  'max_budget_usd',
  'max_consecutive_failures',
  'max_tool_calls',
  'max_repeated_calls',
] as const

export type GovernanceLimitName = (typeof GOVERNANCE_LIMITS)[number]

/** What is counted together: one session, all sessions of a thread, or all of a project. */
export const GOVERNANCE_SCOPES = ['session', 'thread', 'project'] as const

export type GovernanceScope = (typeof GOVERNANCE_SCOPES)[number]

export interface GovernanceLimitInput {
  readonly limit: GovernanceLimitName
  /** What may be reached and not passed: turns, failures, calls, or US dollars. */
  readonly value: number
  /** Default `'session'`. */
  readonly scope?: GovernanceScope | undefined
  /** `'terminate'`, the default, throws a `GovernanceBreachError`; `'alert'` only tells. */
  readonly onBreach?: 'terminate' | 'alert' | undefined
  /** Whether an alert is told at every check that finds it, or to each session once. Default `'every_check'`. */
  readonly alerts?: 'every_check' | 'once' | undefined
}

/** A limit with every default filled in. */
export interface GovernanceLimit {
  readonly limit: GovernanceLimitName
  readonly value: number
  readonly scope: GovernanceScope
  readonly onBreach: 'terminate' | 'alert'
  readonly alerts: 'every_check' | 'once'
}

/** What has happened in a scope. */
export interface GovernanceCounts {
  /** Turns that were begun. */
  readonly turns: number
  /** Tool calls that were begun. */
  readonly toolCalls: number
  /** Turns that failed since one was last answered. */
  readonly consecutiveFailures: number
  readonly costUsd: number
  /** How often the call that is about to be made would have been made then, among the latest ones. */
  readonly repeatedCalls: number
}

/** A limit that was passed. Both numbers count turns, failures or calls; those of `max_budget_usd` are US dollars. */
export interface Breach {
  readonly limitName: GovernanceLimitName
  readonly observed: number
  readonly ceiling: number
  readonly scope: GovernanceScope
}

export interface GovernanceVerdict {
  /** The first limit that terminates. */
  readonly breach?: Breach
  /** The limits to tell about. Empty when there is a breach: it says enough. */
  readonly alerts: readonly Breach[]
}

/**
 * A governance limit was passed. The function of a session that lets this error out ends it as failed. `cause` is the error that it
 * took the place of, if there was one; `result` is what the turn returned, if it was answered.
 */
export class GovernanceBreachError extends PaidTurnError implements Breach {
  override readonly name = 'GovernanceBreachError'
  readonly code = 'governance_breach'
  readonly limitName: GovernanceLimitName
  readonly observed: number
  readonly ceiling: number
  readonly scope: GovernanceScope

  constructor(breach: Breach, cause?: unknown) {
    super(`governance breach: ${describeBreach(breach)}`, cause === undefined ? undefined : { cause })
    ;({ limitName: this.limitName, observed: this.observed, ceiling: this.ceiling, scope: this.scope } = breach)
  }
}

export const emptyGovernanceCounts: GovernanceCounts = {
  turns: 0,
  toolCalls: 0,
  consecutiveFailures: 0,
  costUsd: 0,
  repeatedCalls: 0,
}

/** The counts after a call began or ended. What a call cost, and which ones it repeats, is known elsewhere. */
export function countCall(
  counts: GovernanceCounts,
  call: 'turn_started' | 'turn_completed' | 'turn_failed' | 'tool_called',
): GovernanceCounts {
  switch (call) {
    case 'turn_started':
      return { ...counts, turns: counts.turns + 1 }
    case 'turn_completed':
      return { ...counts, consecutiveFailures: 0 }
    case 'turn_failed':
      return { ...counts, consecutiveFailures: counts.consecutiveFailures + 1 }
    case 'tool_called':
      return { ...counts, toolCalls: counts.toolCalls + 1 }
  }
}

export function normalizeGovernanceLimit(input: GovernanceLimitInput): GovernanceLimit {
  const { limit, value, scope = 'session', onBreach = 'terminate', alerts = 'every_check' } = input
  return { limit, value, scope, onBreach, alerts }
}

/**
 * Holds the counts of every scope against the limits, in the order in which they were declared. Remembers nothing: leave out
 * the limits that alert once and have done so.
 *
 * @param counts - `undefined`: the session is in no such scope, so that its limits do not bind it.
 */
export function evaluateGovernance(
  limits: readonly GovernanceLimit[],
  counts: (scope: GovernanceScope) => GovernanceCounts | undefined,
): GovernanceVerdict {
  const alerts: Breach[] = []
  for (const limit of limits) {
    const observed = counts(limit.scope)
    const breach = observed && findBreach(limit, observed)
    if (!breach) continue
    if (limit.onBreach === 'terminate') return { breach, alerts: [] }
    alerts.push(breach)
  }
  return { alerts }
}

/** `max_iterations 3 > 2` */
function describeBreach({ limitName, observed, ceiling }: Breach): string {
  if (limitName !== 'max_budget_usd') return `${limitName} ${observed} > ${ceiling}`
  return `${limitName} ${formatCost(observed)} > ${formatCost(ceiling)}`
}

const COUNTED = {
  max_iterations: 'turns',
  max_budget_usd: 'costUsd',
  max_consecutive_failures: 'consecutiveFailures',
  max_tool_calls: 'toolCalls',
  max_repeated_calls: 'repeatedCalls',
} as const satisfies Readonly<Record<GovernanceLimitName, keyof GovernanceCounts>>

function findBreach({ limit, value, scope }: GovernanceLimit, counts: GovernanceCounts): Breach | undefined {
  const observed = counts[COUNTED[limit]]
  if (limit !== 'max_budget_usd') {
    return observed > value ? { limitName: limit, observed, ceiling: value, scope } : undefined
  }
  return isAbove(observed, value)
    ? { limitName: limit, observed: roundUsd(observed), ceiling: value, scope }
    : undefined
}
