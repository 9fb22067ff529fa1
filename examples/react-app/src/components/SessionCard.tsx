import { useApp, useAppDispatch, useAppSelector, useIsLive } from '../app/context.js'
import { BudgetMeter } from './BudgetMeter.js'

/** One agent at work: how it stands, what it has done and what that cost. */
export function SessionCard({ sessionId }: { readonly sessionId: string }) {
  const { agents } = useApp()
  const dispatch = useAppDispatch()
  const isLive = useIsLive()
  const summary = useAppSelector((root) => agents.selectors.selectSummary(root, sessionId))
  if (!summary) return null
  const { role, threadId, status, detail, turns, tools, usage, budget } = summary
  const isOver = summary.endedAt !== null

  return (
    <li className="card" data-session={sessionId} data-status={status}>
      <div className="row">
        <h3 className="grows">
          {role} <small>{[sessionId, threadId].filter(Boolean).join(' · ')}</small>
        </h3>
        <span className={`badge ${status}`}>{status.replaceAll('_', ' ')}</span>
        {!isOver && (
          <button
            type="button"
            disabled={!isLive}
            aria-label={`Cancel ${sessionId}`}
            onClick={() => dispatch(agents.actions.cancelSession({ sessionId, detail: 'cancelled in the page' }))}
          >
            Cancel
          </button>
        )}
      </div>
      <p className="hint">
        {turns.completed} of {turns.started} turns answered, {tools.completed} of {tools.started} tools done
        {detail && isOver ? `: ${detail}` : ''}
      </p>
      {budget && <BudgetMeter label={`Spent by ${sessionId}`} costUsd={usage.costUsd} budgetUsd={budget.budgetUsd} />}
    </li>
  )
}
