import { useApp, useAppSelector } from '../app/context.js'
import { ApprovalCard } from './ApprovalCard.js'
import { Panel } from './Panel.js'

export function Approvals() {
  const { agents } = useApp()
  const requests = useAppSelector(agents.selectors.selectPendingRequests)
  const approvals = requests.filter((request) => request.kind === 'approval')
  return (
    <Panel title="Your decision">
      {approvals.length === 0 && <p className="hint">Nobody waits for you.</p>}
      {approvals.map((approval) => (
        <ApprovalCard key={`${approval.sessionId}/${approval.requestId}`} approval={approval} />
      ))}
    </Panel>
  )
}
