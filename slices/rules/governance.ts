import { PaidTurnError } from './errors.js'
import { formatCost, isAbove } from './prices.js'

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
  /** What may be reached and not passed. */
  readonly value: number
  /** Default `'session'`. */
  readonly scope?: GovernanceScope | undefined
  /** End the session, or only tell. Default `'terminate'`. */
  readonly onBreach?: 'terminate' | 'alert' | undefined
  /** Whether a breach is told at every check that finds it, or the first time only. Default `'every_check'`. */
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
  /** Turns that failed since one last succeeded. */
  readonly consecutiveFailures: number
  readonly costUsd: number
  /** Calls in a row of the same tool with the same arguments, the latest included. */
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
  /** The first limit that ends the session. */
  readonly breach?: Breach
  /** The limits to tell about. Empty when there is a breach: it says enough. */
  readonly alerts: readonly Breach[]
}

/** A governance limit was passed, and it ends the session. Its `cause` is the error that it took the place of, if there was one. */
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

/** The counts after a call began or ended. What a call cost, and whether it repeats the one before, is known elsewhere. */
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
  const isBreached = limit === 'max_budget_usd' ? isAbove(observed, value) : observed > value
  return isBreached ? { limitName: limit, observed, ceiling: value, scope } : undefined
}
