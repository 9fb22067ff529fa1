import type { InFlight } from '../../slices/inFlight.js'
import type { Journal } from '../../slices/journal.js'
import type { PendingRequest } from '../../slices/requests.js'
import { roundUsd, type PriceList } from '../../slices/rules/prices.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import { limitsOf } from '../../slices/rules/limits.js'
import { reservedUsd } from '../../slices/budgets.js'
import { usageOf, type Session } from '../../slices/sessions.js'
import { compact, instant, type Readable } from './compact.js'
import { memo } from './memo.js'
import { readableWork } from './used.js'

/** One session as a flat record: how it stands first, what is rarely there last. */
export const readableSession = memo(
  (session: Session, prices: PriceList, config: OrchestratorConfig | undefined): Readable => {
    const { role, phase, projectId, threadId, orchestratorId, handoff, limits, lifecycle } = session
    return compact({
      role,
      status: lifecycle.status,
      detail: lifecycle.detail,
      ...readableWork(session, usageOf(session), prices),
      budget: budgetOf(session, config),
      inFlight: inFlightOf(session.inFlight),
      pending: Object.fromEntries(session.requests.pending.map((request) => [request.requestId, requestOf(request)])),
      phase,
      projectId,
      threadId,
      orchestratorId,
      openedAt: instant(session.openedAt),
      endedAt: instant(session.endedAt),
      parkedAt: instant(lifecycle.parkedAt),
      path: lifecycle.recent.map(({ status }) => status),
      lastError: lifecycle.lastError,
      raisedLimits: compact(limits ?? {}),
      gates: compact(session.gates),
      recovery: compact(session.recovery),
      alerts: session.governance.alerted,
      handoff: handoff && { from: handoff.sourceSessionId, reason: handoff.reason, context: handoff.context },
      journal: journalOf(session.journal),
    })
  },
)

function budgetOf(session: Session, config: OrchestratorConfig | undefined): Readable {
  const { budgetUsd } = config ? limitsOf(config, session.limits) : { budgetUsd: null }
  return compact({
    budgetUsd,
    enforced: budgetUsd === null ? null : config?.enforceBudget,
    reservedUsd: roundUsd(reservedUsd(session.budget)),
    firstExceededAt: instant(session.budget.firstExceededAt),
  })
}

/** By call: the model, or the tool. */
function inFlightOf({ turns, tools }: InFlight): Readable {
  const models = turns.map(({ turnId, model }) => [turnId, model ?? 'unspecified'] as const)
  return Object.fromEntries([...models, ...tools.map(({ toolCallId, tool }) => [toolCallId, tool] as const)])
}

function requestOf({ requestId: _, ...request }: PendingRequest): Readable {
  const { requestedAt, expiresAt, ...asked } = request
  return compact({ ...asked, requestedAt: instant(requestedAt), expiresAt: instant(expiresAt) })
}

function journalOf({ results, count, lost, unanswered }: Journal): Readable {
  if (results === 'none') return {}
  return compact({ results, answers: count, lost, unanswered: unanswered.map(({ toolCallId }) => toolCallId) })
}
