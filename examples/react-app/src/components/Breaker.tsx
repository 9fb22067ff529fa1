import { BREAKER } from '../agents/newsroom.js'
import { useApp, useAppDispatch, useAppSelector, useIsLive, useNow } from '../app/context.js'
import { Panel } from './Panel.js'

export function Breaker() {
  const { agents } = useApp()
  const dispatch = useAppDispatch()
  const isLive = useIsLive()
  const now = useNow()
  const breaker = useAppSelector((root) => agents.selectors.selectBreaker(root, BREAKER, now))
  if (!breaker) return null
  const { state, failures, failureThreshold } = breaker
  return (
    <Panel title="Circuit breaker">
      <div className="row">
        <p className="grows">
          {BREAKER}: {failures} of {failureThreshold} failures in a row
        </p>
        <span className={`badge ${state}`} data-testid="breaker">
          {state.replace('_', '-')}
        </span>
        <button
          type="button"
          disabled={!isLive || (state === 'closed' && failures === 0)}
          onClick={() => dispatch(agents.actions.resetBreaker({ name: BREAKER }))}
        >
          Reset
        </button>
      </div>
    </Panel>
  )
}
