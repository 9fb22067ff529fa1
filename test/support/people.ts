import type { AgentRuntime, AgentSession, ApprovalDecision } from '../../src/index.js'

/** The approvals that a session waits for: what a decision must name, oldest first. */
export function approvalsOf(session: AgentSession) {
  return session.pendingRequests.flatMap((request) => {
    if (request.kind !== 'approval') return []
    const { requestId, fingerprint } = request
    return [{ requestId, fingerprint }]
  })
}

/** Decides about the oldest approval that a session waits for. */
export function decide(runtime: AgentRuntime, session: AgentSession, decision: Partial<ApprovalDecision> = {}): void {
  const [asked = { requestId: 'request-0', fingerprint: null }] = approvalsOf(session)
  runtime.resolveApproval(session.id, { ...asked, decision: 'approved', ...decision })
}
