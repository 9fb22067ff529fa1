import {
  findCapRefusal,
  findExhaustedIterations,
  findOverrun,
  findOverspent,
  findToolOverrun,
  type CapRefusal,
  type OpenedSession,
} from '../../slices/admission.js'
import { UnpricedModelError } from '../../slices/budgets.js'
import { selectGovernanceVerdict, type Pending } from '../../slices/governance.js'
import { selectLimits } from '../../slices/limits.js'
import { selectOrchestrator, type Orchestrators } from '../../slices/orchestrators.js'
import { GovernanceBreachError, type Breach, type GovernanceScope } from '../../slices/rules/governance.js'
import { authorize } from '../../slices/rules/permissions.js'
import { findPrice, roundUsd, type PriceList } from '../../slices/rules/prices.js'
import type { Sessions } from '../../slices/sessions.js'

/** What the rules are asked on. */
export interface AskedState {
  readonly orchestrators: Orchestrators
  readonly pricing: PriceList
  readonly sessions: Sessions
}

/** Which rule does not allow something. */
export interface RuleRefusal {
  /** The code of the error that the runtime would have thrown. */
  readonly rule: CapRefusal['code'] | 'governance_breach' | 'permission_denied'
  /** Which of the usage limits, or of the governance limits. */
  readonly limit: string | null
  /** Of a governance limit. */
  readonly scope: GovernanceScope | null
  /** What was found, and what is allowed at most: US dollars, tokens, turns, failures or calls. `null` where nothing is counted. */
  readonly observed: number | null
  readonly ceiling: number | null
  /** In words. */
  readonly reason: string
}

export interface AskedCall {
  readonly model: string | null
  /** US dollars. */
  readonly estimatedUsd: number
}

/** In the order in which the runtime asks: caps, governance. */
export function refuseTurn(state: AskedState, session: OpenedSession, call: AskedCall): RuleRefusal | undefined {
  const config = selectOrchestrator(state, session.orchestratorId)
  const price = call.model === null ? null : findPrice(state.pricing, call.model)
  const error = findCapRefusal(state, { session, config, price, ...call })
  return error ? describe(error) : refuseByGovernance(state, session, { turns: 1 })
}

/** A call of a turn that goes on. */
export function refuseRetry(state: AskedState, session: OpenedSession, call: AskedCall): RuleRefusal | undefined {
  const breach = refuseByGovernance(state, session)
  if (breach) return breach
  const config = selectOrchestrator(state, session.orchestratorId)
  const price = call.model === null ? null : findPrice(state.pricing, call.model)
  if (price === null && config.unpricedModels === 'refuse') return describe(new UnpricedModelError(call.model))
  const error = findOverspent(state, { session, config, ...call })
  return error && describe(error)
}

/** A turn that an idempotency key answers. */
export function refuseReplay(state: AskedState, session: OpenedSession): RuleRefusal | undefined {
  const error = findExhaustedIterations(state, session)
  return error ? describe(error) : refuseByGovernance(state, session, { turns: 1 })
}

/** In the order in which the runtime asks: permission, usage limit, governance. */
export function refuseTool(
  state: AskedState,
  session: OpenedSession,
  { tool, fingerprint }: { readonly tool: string; readonly fingerprint: string | null },
): RuleRefusal | undefined {
  const { permissions, role } = selectOrchestrator(state, session.orchestratorId)
  const { allowed, reason } = authorize(permissions, role, tool)
  if (!allowed) return { ...uncounted, rule: 'permission_denied', reason: reason ?? 'denied' }
  const error = findToolOverrun(state, session)
  return error ? describe(error) : refuseByGovernance(state, session, { toolCalls: 1, fingerprint })
}

/** What a turn that was made took its session over. */
export function findTurnOverrun(
  state: AskedState,
  session: OpenedSession,
  wasAnswered: boolean,
): RuleRefusal | undefined {
  const config = selectOrchestrator(state, session.orchestratorId)
  const error = wasAnswered ? findOverrun(state, session, config) : undefined
  return error ? describe(error) : refuseByGovernance(state, session)
}

/** Whether a limit on repeated calls still stops a call that was stopped by one. */
export function refusesRepeats(state: AskedState, session: OpenedSession, { scope, observed }: Breach): boolean {
  return selectLimits(state, session).governance.some(
    (limit) =>
      limit.limit === 'max_repeated_calls' &&
      limit.onBreach === 'terminate' &&
      limit.scope === scope &&
      observed > limit.value,
  )
}

function refuseByGovernance(state: AskedState, session: OpenedSession, pending?: Pending): RuleRefusal | undefined {
  const { governance } = selectLimits(state, session)
  if (governance.length === 0) return undefined
  const { breach } = selectGovernanceVerdict(state, session, governance, pending)
  if (!breach) return undefined
  const { limitName: limit, scope, observed, ceiling } = breach
  return {
    rule: 'governance_breach',
    limit,
    scope,
    observed,
    ceiling,
    reason: new GovernanceBreachError(breach).message,
  }
}

const uncounted = { limit: null, scope: null, observed: null, ceiling: null } as const

function describe(error: CapRefusal): RuleRefusal {
  const { code: rule, message: reason } = error
  switch (rule) {
    case 'max_iterations_exceeded':
      return { ...uncounted, rule, reason, observed: error.maxIterations + 1, ceiling: error.maxIterations }
    case 'unpriced_model':
      return { ...uncounted, rule, reason }
    case 'budget_exceeded': {
      const observed = roundUsd(error.currentCostUsd + error.promisedUsd)
      return { ...uncounted, rule, reason, observed, ceiling: error.budgetUsd }
    }
    case 'usage_limit_exceeded':
      return { ...uncounted, rule, reason, limit: error.limitName, observed: error.observed, ceiling: error.ceiling }
  }
}
