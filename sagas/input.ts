import {
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
import { waitForPerson } from './people.js'
import { requireActive } from './session.js'

/** Nobody is asked for what was answered: the request is unknown, answered already, or expired. */
export class NoPendingRequestError extends AgentRuntimeError {
  override readonly name = 'NoPendingRequestError'
  readonly code = 'no_pending_request'

  /** @param requestId - `null`: the answer named none. */
  constructor(
    readonly sessionId: SessionId,
    readonly requestId: RequestId | null,
  ) {
    super(`session ${sessionId} waits for no answer${requestId === null ? '' : ` to ${requestId}`}`)
  }
}

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

/** Pauses a session until a person has answered. */
export function* pauseSaga(context: Context, { signal, ...request }: PauseRequest): Saga<Json> {
  const { lifecycle } = requireActive(context, request.sessionId)
  signal?.throwIfAborted()
  if (lifecycle.status === 'waiting_for_input') throw new InputPendingError(request.sessionId)
  const call = context.calls.begin(request.sessionId, signal)
  try {
    const answer = yield* requestInput(context, { ...request, kind: 'human_input' }, call)
    if (!answer) throw new InputTimeoutError(request.timeoutMs ?? Infinity)
    return answer.value
  } finally {
    call.end()
  }
}

/** Asks a person, and waits for the answer. `undefined`: nobody answered in time. */
export function* requestInput(
  context: Context,
  request: InputRequest,
  call: RunningCall,
): Saga<{ readonly value: Json } | undefined> {
  const { sessionId, kind, timeoutMs } = request
  const requestId = nextRequestId(context, sessionId)
  context.record(inputRequested({ requestId, ...request }))
  return yield* waitForPerson<{ readonly value: Json } | undefined>(context, call, {
    sessionId,
    requestId,
    timeoutMs,
    expire: () => {
      context.record(inputExpired({ sessionId, requestId, kind }))
      return undefined
    },
  })
}

/**
 * A person's answer: to the request that is named, or to the oldest.
 *
 * @throws {NoPendingRequestError}
 */
export function provideInput(context: Context, sessionId: SessionId, value: Json, requestId: RequestId | null): void {
  const session = selectSession(context.state(), sessionId)
  const inputs = session?.requests.pending.filter((request): request is PendingInput => request.kind !== 'approval')
  const input = inputs?.find((request) => requestId === null || request.requestId === requestId)
  if (!session || !input) throw new NoPendingRequestError(sessionId, requestId)
  if (session.endedAt === null) {
    context.record(inputProvided({ sessionId, requestId: input.requestId, kind: input.kind, value }))
  }
  const wasAwaited = context.people.answer(sessionId, input.requestId, { value })
  if (session.endedAt !== null && !wasAwaited) throw new NoPendingRequestError(sessionId, requestId)
}

export function nextRequestId(context: Context, sessionId: SessionId): RequestId {
  return `request-${requireActive(context, sessionId).requests.count + 1}`
}
