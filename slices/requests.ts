import {
  approvalRequested,
  approvalResolved,
  handoffIssued,
  inputCancelled,
  inputExpired,
  inputProvided,
  inputRequested,
  sessionCancelled,
  sessionCompleted,
  sessionFailed,
  type FactPayload,
  type InputKind,
  type RequestId,
  type SessionId,
} from './facts.js'
import type { Json } from './rules/json.js'
import { defineSlice } from './slice.js'

/** What one session waits for a person to answer. */
export interface Requests {
  /** Ever made. The next one gets this number plus one. */
  readonly count: number
  /** Oldest first. */
  readonly pending: readonly PendingRequest[]
}

export type PendingRequest = PendingInput | PendingApproval

interface Requested {
  readonly requestId: RequestId
  /** Unix ms. */
  readonly requestedAt: number
  /** Unix ms. `null`: never. */
  readonly expiresAt: number | null
}

export interface PendingInput extends Requested {
  readonly kind: InputKind
  readonly prompt: string
}

export interface PendingApproval extends Requested {
  readonly kind: 'approval'
  readonly tool: string
  readonly fingerprint: string | null
  readonly preview: Json
}

export const requests = defineSlice<Requests>({ count: 0, pending: [] }, (on) => {
  on(inputRequested, (state, { payload, meta }) => {
    const { kind, prompt } = payload
    return added(state, { kind, prompt, ...requested(payload, meta.at) })
  })
  on(approvalRequested, (state, { payload, meta }) => {
    const { tool, fingerprint, preview } = payload
    return added(state, { kind: 'approval', tool, fingerprint, preview, ...requested(payload, meta.at) })
  })
  on([inputProvided, inputExpired, inputCancelled, approvalResolved], answered)
  on([sessionCompleted, sessionFailed, sessionCancelled], withNone)
  on(handoffIssued, withNone)
})

function requested(
  { requestId, timeoutMs }: Pick<FactPayload<typeof inputRequested>, 'requestId' | 'timeoutMs'>,
  at: number,
): Requested {
  return { requestId, requestedAt: at, expiresAt: timeoutMs === null ? null : at + timeoutMs }
}

function added({ count, pending }: Requests, request: PendingRequest): Requests {
  return { count: count + 1, pending: [...pending, request] }
}

/** A session that has ended asks nobody. */
function withNone(state: Requests): Requests {
  return state.pending.length === 0 ? state : { count: state.count, pending: [] }
}

function answered(
  { count, pending }: Requests,
  { payload }: { readonly payload: { readonly sessionId: SessionId; readonly requestId: RequestId } },
): Requests {
  return { count, pending: pending.filter(({ requestId }) => requestId !== payload.requestId) }
}
