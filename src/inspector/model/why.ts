import type { FailureClass } from '../../../slices/rules/failures.js'
import { isTerminal } from '../../../slices/rules/lifecycle.js'
import type { Session } from '../../../slices/sessions.js'

/** Why a session stands as it does: how it ended, or what it waits for. `null`: nobody said. */
export function whyOf(session: Session, failureClass: FailureClass | null): string | null {
  const { lifecycle, requests, openedAt } = session
  if (isTerminal(lifecycle.status)) {
    const told = [failureClass, lifecycle.detail].filter((part) => part !== null && part !== '')
    return told.join(': ') || null
  }
  if (lifecycle.parkedAt !== null) return 'its process went down'
  if (openedAt === null) return 'nobody has picked it up'
  const asked = requests.pending.map((request) =>
    request.kind === 'approval' ? `to approve ${request.tool}` : 'an answer',
  )
  return asked.length > 0 ? `waits for a person: ${asked.join(', ')}` : null
}
