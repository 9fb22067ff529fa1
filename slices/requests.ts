import {
  approvalRequested,
  approvalResolved,
  callAnswered,
  handoffIssued,
  inputCancelled,
  inputExpired,
  inputProvided,
  inputRequested,
  sessionCancelled,
  sessionCompleted,
  sessionFailed,
  sessionOpened,
  type FactPayload,
  type InputKind,
  type RequestId,
} from './facts.js'
import { fingerprint } from './rules/fingerprint.js'
import type { Json } from './rules/json.js'
import { defineSlice, without } from './slice.js'

/** What one session waits for a person to answer. */
export interface Requests {
  /** Ever made. The next one gets this number plus one. */
  readonly count: number
  /** Oldest first. */
  readonly pending: readonly PendingRequest[]
  /** Answers that nobody is known to have got, of a session that can be taken up: oldest first. `null`: they are not kept. */
  readonly answered: readonly AnsweredRequest[] | null
}

/** What a person said. */
export type AnsweredRequest =
  | { readonly requestId: RequestId; readonly kind: 'human_input'; readonly prompt: string; readonly value: Json }
  | ({ readonly kind: 'approval'; readonly tool: string; readonly asked: string | null } & Pick<
      FactPayload<typeof approvalResolved>,
      'requestId' | 'fingerprint' | 'decision' | 'args' | 'reason'
    >)

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
  /** Fingerprint of the call as the session's function made it. Only of a session that can be taken up. */
  readonly asked?: string | null
}

export const requests = defineSlice<Requests>({ count: 0, pending: [], answered: null }, (on) => {
  on(sessionOpened, (state, { payload }) => (payload.results === 'none' ? state : { ...state, answered: [] }))
  on(inputRequested, (state, { payload, meta }) => {
    const { kind, prompt } = payload
    return added(state, { kind, prompt, ...requested(payload, meta.at) })
  })
  on(approvalRequested, (state, { payload, meta }) => {
    const { tool, fingerprint, preview, asked } = payload
    const request = { kind: 'approval', tool, fingerprint, preview, ...requested(payload, meta.at) } as const
    return added(state, asked === undefined ? request : { ...request, asked })
  })
  on(inputProvided, (state, { payload: { requestId, value } }) => {
    const request = find(state, requestId)
    const isKept = request?.kind === 'human_input'
    return settled(state, requestId, isKept ? { requestId, kind: request.kind, prompt: request.prompt, value } : null)
  })
  on(approvalResolved, (state, { payload: { sessionId: _, ...resolved } }) => {
    const { requestId, decision } = resolved
    const request = find(state, requestId)
    const isKept = request?.kind === 'approval' && decision !== 'expired' && decision !== 'cancelled'
    return settled(
      state,
      requestId,
      isKept ? { kind: request.kind, tool: request.tool, asked: request.asked ?? null, ...resolved } : null,
    )
  })
  on([inputExpired, inputCancelled], (state, { payload: { requestId } }) => settled(state, requestId, null))
  on(callAnswered, (state, { payload: { kind, name, fingerprint: asked } }) => {
    const got = state.answered?.find((answer) =>
      answer.kind === 'approval'
        ? kind === 'tool' && answer.tool === name && answer.asked === asked
        : kind === 'input' && fingerprint({ prompt: answer.prompt }) === asked,
    )
    return got ? { ...state, answered: without(state.answered ?? [], got) } : state
  })
  on([sessionCompleted, sessionFailed, sessionCancelled], withNone)
  on(handoffIssued, withNone)
})

function requested(
  { requestId, timeoutMs }: Pick<FactPayload<typeof inputRequested>, 'requestId' | 'timeoutMs'>,
  at: number,
): Requested {
  return { requestId, requestedAt: at, expiresAt: timeoutMs === null ? null : at + timeoutMs }
}

function added({ count, pending, answered }: Requests, request: PendingRequest): Requests {
  return { count: count + 1, pending: [...pending, request], answered }
}

/** A session that has ended asks nobody. */
function withNone(state: Requests): Requests {
  const { count, pending, answered } = state
  return pending.length === 0 && !answered?.length ? state : { count, pending: [], answered: answered && [] }
}

function find({ pending }: Requests, requestId: RequestId): PendingRequest | undefined {
  return pending.find((request) => request.requestId === requestId)
}

function settled(
  { count, pending, answered }: Requests,
  requestId: RequestId,
  answer: AnsweredRequest | null,
): Requests {
  return {
    count,
    pending: pending.filter((request) => request.requestId !== requestId),
    answered: answered && answer ? [...answered, answer] : answered,
  }
}
