import { useState } from 'react'
import type { PendingApproval } from 'redux-agent-runtime'
import { useApp, useAppDispatch, useIsLive } from '../app/context.js'

interface ApprovalCardProps {
  readonly approval: PendingApproval & { readonly sessionId: string }
}

/** What waits to be approved. The decision is a plain action. */
export function ApprovalCard({ approval }: ApprovalCardProps) {
  const { agents } = useApp()
  const dispatch = useAppDispatch()
  const isLive = useIsLive()
  const [reason, setReason] = useState('')
  const { sessionId, requestId, fingerprint, tool } = approval
  // Of the editor's tool. The log of other agents may be imported, with nothing to see.
  const { headline, text } = (approval.preview ?? {}) as { readonly headline?: string; readonly text?: string }
  const decision = { sessionId, requestId, fingerprint }
  const rejection = reason.trim() === '' ? decision : { ...decision, reason: reason.trim() }

  return (
    <article className="card">
      <p>
        {sessionId} wants to <strong>{tool}</strong>:
      </p>
      <blockquote>
        <h3>{headline}</h3>
        <p>{text}</p>
      </blockquote>
      <div className="row">
        <button
          type="button"
          className="primary"
          disabled={!isLive}
          onClick={() => dispatch(agents.actions.approveTool(decision))}
        >
          Approve
        </button>
        <label className="grows">
          Why not
          <input value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <button type="button" disabled={!isLive} onClick={() => dispatch(agents.actions.rejectTool(rejection))}>
          Reject
        </button>
      </div>
    </article>
  )
}
