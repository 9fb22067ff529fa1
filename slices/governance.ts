import { governanceAlerted } from './facts.js'
import type { Restored } from './restored.js'
import {
  evaluateGovernance,
  type Breach,
  type GovernanceCounts,
  type GovernanceLimit,
  type GovernanceScope,
  type GovernanceVerdict,
} from './rules/governance.js'
import type { PriceList } from './rules/prices.js'
import { selectProject, selectThread, type Scope, type Scopes } from './scopes.js'
import { defineSlice } from './slice.js'
import { countRepeats } from './tools.js'
import { totalCostUsd } from './usage.js'

/** The limits that one session was alerted about, each once. */
export interface Governance {
  readonly alerted: readonly string[]
}

export const governance = defineSlice<Governance>({ alerted: [] }, (on) => {
  on(governanceAlerted, (state, { payload }) => {
    const name = nameOf(payload)
    return state.alerted.includes(name) ? state : { alerted: [...state.alerted, name] }
  })
})

interface GovernedSession extends Scope {
  readonly projectId: number | null
  readonly threadId: string | null
  readonly restored: Restored
  readonly governance: Governance
}

/** What is about to happen and counts already. */
export interface Pending {
  readonly turns?: 1
  readonly toolCalls?: 1
  /** Of the tool call. `null`: it is not compared with others. */
  readonly fingerprint?: string | null
}

interface GovernedState {
  readonly pricing: PriceList
  readonly sessions: { readonly scopes: Scopes }
}

/** Holds what a session, its thread and its project did against its limits. */
export function selectGovernanceVerdict(
  state: GovernedState,
  session: GovernedSession,
  limits: readonly GovernanceLimit[],
  pending: Pending = {},
): GovernanceVerdict {
  const due = limits.filter(({ limit, scope, value, alerts, onBreach }) => {
    const once = onBreach === 'alert' && alerts === 'once'
    return !once || !session.governance.alerted.includes(nameOf({ limitName: limit, scope, ceiling: value }))
  })
  return evaluateGovernance(due, (scope) => countsIn(state, session, scope, pending))
}

function countsIn(
  state: GovernedState,
  session: GovernedSession,
  scope: GovernanceScope,
  { turns = 0, toolCalls = 0, fingerprint = null }: { turns?: number; toolCalls?: number; fingerprint?: string | null },
): GovernanceCounts | undefined {
  const counted = scopeOf(state, session, scope)
  if (!counted) return undefined
  const restoredUsd = scope === 'session' ? totalCostUsd(session.restored.usage, state.pricing) : 0
  return {
    turns: counted.turns.iterations + turns,
    toolCalls: counted.tools.attempted + toolCalls,
    consecutiveFailures: counted.turns.failuresInARow,
    costUsd: totalCostUsd(counted.usage, state.pricing) + restoredUsd,
    repeatedCalls: fingerprint === null ? 0 : 1 + countRepeats(counted.tools, fingerprint),
  }
}

function scopeOf(state: GovernedState, session: GovernedSession, scope: GovernanceScope): Scope | undefined {
  switch (scope) {
    case 'session':
      return session
    case 'thread':
      return session.threadId === null ? undefined : selectThread(state, session.threadId)
    case 'project':
      return session.projectId === null ? undefined : selectProject(state, session.projectId)
  }
}

function nameOf({ limitName, scope, ceiling }: Omit<Breach, 'observed'>): string {
  return `${limitName}/${scope}/${ceiling}`
}
