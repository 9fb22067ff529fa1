import type { SessionId } from './facts.js'
import type { PendingRequest } from './requests.js'
import { selectActiveSessions, type Session } from './sessions.js'
import type { RuntimeState } from './state.js'

/** What somebody is asked, and by which session. */
export type AskedRequest = PendingRequest & { readonly sessionId: SessionId }

/** What people are asked by sessions that run, and have not answered. In the order of the sessions. */
export function selectPendingRequests(state: RuntimeState): readonly AskedRequest[] {
  return selectActiveSessions(state).flatMap(askedBy)
}

export function askedBy({ id, requests }: Pick<Session, 'id' | 'requests'>): readonly AskedRequest[] {
  return requests.pending.map((request) => ({ sessionId: id, ...request }))
}
