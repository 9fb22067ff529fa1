import { settle } from '../../../src/testing/index.js'
import type { AgentSession, ApprovalDecision } from '../../../src/index.js'
import { attempt, createWorld, type Scenario } from './world.js'

/** Questions and approvals, answered, expired and withdrawn. */
export const people: Scenario = async () => {
  const { runtime, orchestrator, clock } = createWorld()
  const session = await orchestrator.open({ threadId: 'release' })
  const answered = session.pauseForInput('which one?')
  await settle()
  runtime.provideInput(session.id, { choice: 'b' })
  await answered
  const expired = attempt(session.pauseForInput('still there?', { timeoutMs: 1_000 }))
  await clock.advance(1_000)
  await expired
  const question = new AbortController()
  const withdrawn = attempt(session.pauseForInput('never mind?', { signal: question.signal }))
  await settle()
  question.abort()
  await withdrawn
  for (const decision of ['approved', 'edited', 'rejected'] as const) {
    const call = attempt(deploy(session))
    await settle()
    const [request] = session.pendingRequests
    if (request?.kind !== 'approval') throw new Error('nobody asks for an approval')
    const { requestId, fingerprint } = request
    runtime.resolveApproval(session.id, { requestId, fingerprint, ...DECISIONS[decision] })
    await call
  }
  const undecided = attempt(deploy(session))
  await clock.advance(60_000)
  await undecided
  await session.complete('released')
  return runtime.log
}

function deploy(session: AgentSession): Promise<unknown> {
  return session.runTool('deploy', () => 'done', {
    args: { to: 'production' },
    requireApproval: { preview: (args) => args, timeoutMs: 60_000 },
  })
}

type Decision = Omit<ApprovalDecision, 'requestId' | 'fingerprint'>

const DECISIONS: Readonly<Record<'approved' | 'edited' | 'rejected', Decision>> = {
  approved: { decision: 'approved' },
  edited: { decision: 'edited', args: { to: 'staging' } },
  rejected: { decision: 'rejected', reason: 'on a Friday' },
}
