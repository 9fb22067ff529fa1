import {
  inputCancelled,
  inputExpired,
  inputProvided,
  inputRequested,
  type FactPayload,
  type RequestId,
  type SessionId,
} from '../slices/facts.js'
import type { PendingInput } from '../slices/requests.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'
import type { Json } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { nextRequestId, NoPendingRequestError, waitForPerson } from './requests.js'
import { goesOn, requireActive } from './session.js'

/** The session waits for an answer already. */
export class InputPendingError extends AgentRuntimeError {
  override readonly name = 'InputPendingError'
  readonly code = 'input_pending'

  constructor(readonly sessionId: SessionId) {
    super(`session ${sessionId} waits for an answer already`)
  }
}

/** Nobody answered in time. */
export class InputTimeoutError extends AgentRuntimeError {
  override readonly name = 'InputTimeoutError'
  readonly code = 'input_timeout'

  constructor(readonly timeoutMs: number) {
    super(`nobody answered within ${timeoutMs} ms`)
  }
}

export type InputRequest = Omit<FactPayload<typeof inputRequested>, 'requestId'>

export interface PauseRequest {
  readonly sessionId: SessionId
  readonly prompt: string
  readonly timeoutMs: number | null
  readonly signal: AbortSignal | undefined
}

/** Pauses a session until a person has answered. A recovery may ask somebody at the same time. */
export function* pauseSaga(context: Context, { signal, ...request }: PauseRequest): Saga<Json> {
  const { requests } = requireActive(context, request.sessionId)
  signal?.throwIfAborted()
  if (requests.pending.some(({ kind }) => kind === 'human_input')) throw new InputPendingError(request.sessionId)
  const call = context.calls.begin(request.sessionId, signal)
  try {
    const answer = yield* requestInput(context, { ...request, kind: 'human_input' }, call)
    if (!answer) throw new InputTimeoutError(request.timeoutMs ?? Infinity)
    return answer.value
  } finally {
    call.end()
  }
}

/**
 * Asks a person, and waits for the answer. `undefined`: nobody answered in time, or the session is over and nobody is asked.
 *
 * @throws The reason of an abort. The request is withdrawn.
 */
export function* requestInput(
  context: Context,
  request: InputRequest,
  call: RunningCall,
): Saga<{ readonly value: Json } | undefined> {
  const { sessionId, kind, timeoutMs } = request
  call.throwIfAborted()
  if (!goesOn(context, sessionId)) return undefined
  const requestId = nextRequestId(context, sessionId)
  context.record(inputRequested({ requestId, ...request }))
  return yield* waitForPerson<{ readonly value: Json } | undefined>(context, call, {
    ...{ sessionId, requestId, kind, timeoutMs },
    expire: () => void context.record(inputExpired({ sessionId, requestId, kind })),
    withdraw: () => void context.record(inputCancelled({ sessionId, requestId, kind })),
  })
}

/**
 * A person's answer: to the request that is named, or to the oldest. A session that was cancelled a moment ago still gets it, but
 * records it no more.
 *
 * @throws {NoPendingRequestError}
 */
export function provideInput(context: Context, sessionId: SessionId, value: Json, requestId: RequestId | null): void {
  const isMeant = (request: { readonly kind: string; readonly requestId: RequestId }): boolean =>
    request.kind !== 'approval' && (requestId === null || request.requestId === requestId)
  const pending = selectSession(context.state(), sessionId)?.requests.pending ?? []
  const input = pending.find((request): request is PendingInput => isMeant(request))
  const waiter = context.people.find(sessionId, isMeant)
  if (!input && !waiter) throw new NoPendingRequestError(sessionId, requestId)
  if (input) context.record(inputProvided({ sessionId, requestId: input.requestId, kind: input.kind, value }))
  // A copy: what is recorded must not change when whoever asked changes the answer.
  waiter?.answer({ value: structuredClone(value) })
}
