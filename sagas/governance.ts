import { governanceAlerted, governanceBreached, type SessionId } from '../slices/facts.js'
import { selectGovernanceVerdict, type Pending } from '../slices/governance.js'
import { selectLimits } from '../slices/limits.js'
import { GovernanceBreachError, type GovernanceVerdict } from '../slices/rules/governance.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'

export interface GovernanceCheck {
  /** What is about to happen and counts already. */
  readonly pending?: Pending
  /** Records that it does not happen. */
  readonly refuse?: () => void
  /** Whether alerts are recorded, or were at an earlier look. Default `'tell'`. */
  readonly alerts?: 'tell' | 'told'
  /** The error that a breach takes the place of. */
  readonly cause?: unknown
}

/** @throws {GovernanceBreachError} The first limit that ends the session. It is recorded. */
export function requireGoverned(context: Context, sessionId: SessionId, check: GovernanceCheck = {}): void {
  const breach = checkGovernance(context, sessionId, check)
  if (breach) throw breach
}

/**
 * Holds a session against all of its governance limits, and tells of those that only alert. Returns the error of the first limit
 * that ends the session. It is recorded.
 */
export function checkGovernance(
  context: Context,
  sessionId: SessionId,
  check: GovernanceCheck = {},
): GovernanceBreachError | undefined {
  const { breach, alerts } = verdictOn(context, sessionId, check.pending)
  if (check.alerts !== 'told') for (const alert of alerts) context.record(governanceAlerted({ sessionId, ...alert }))
  if (!breach) return undefined
  check.refuse?.()
  context.record(governanceBreached({ sessionId, ...breach }))
  return new GovernanceBreachError(breach, check.cause)
}

/** Whether a limit ends the session. Records nothing. */
export function hasBreached(context: Context, sessionId: SessionId): boolean {
  return verdictOn(context, sessionId, undefined).breach !== undefined
}

const nothing: GovernanceVerdict = { alerts: [] }

function verdictOn(context: Context, sessionId: SessionId, pending: Pending | undefined): GovernanceVerdict {
  const state = context.state()
  const session = selectSession(state, sessionId)
  if (typeof session?.orchestratorId !== 'string') return nothing
  const { orchestratorId, limits } = session
  const { governance } = selectLimits(state, { orchestratorId, limits })
  return governance.length === 0 ? nothing : selectGovernanceVerdict(state, session, governance, pending)
}
