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
import type { Json } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { InputPendingError, InputTimeoutError } from './inputErrors.js'
import { answer, questionOf } from './journal.js'
import { nextRequestId, NoPendingRequestError, remainingMs, takeEarlier, waitForPerson } from './requests.js'
import { goesOn, requireActive } from './session.js'

export type InputRequest = Omit<FactPayload<typeof inputRequested>, 'requestId'>

export interface PauseRequest {
  readonly sessionId: SessionId
  readonly prompt: string
  readonly timeoutMs: number | null
  readonly signal: AbortSignal | undefined
}

/** Pauses a session until a person has answered, or answers from the log. A recovery may ask somebody at the same time. */
export function* pauseSaga(context: Context, request: PauseRequest): Saga<Json> {
  const { sessionId, prompt } = request
  return yield* answer(context, {
    sessionId,
    signal: request.signal,
    question: () => questionOf('input', '', { prompt }),
    live: () => pause(context, request),
  })
}

function* pause(context: Context, { signal, ...request }: PauseRequest): Saga<Json> {
  const { sessionId, prompt } = request
  const { requests } = requireActive(context, sessionId)
  signal?.throwIfAborted()
  const earlier = takeEarlier(context, sessionId, (made) => made.kind === 'human_input' && made.prompt === prompt)
  if (earlier && 'value' in earlier) return earlier.value
  const isAsking = requests.pending.some(
    ({ kind, requestId }) => kind === 'human_input' && requestId !== earlier?.requestId,
  )
  if (isAsking) throw new InputPendingError(sessionId)
  const call = context.calls.begin(sessionId, signal)
  try {
    const input = { ...request, kind: 'human_input' } as const
    const answered = yield* earlier && 'expiresAt' in earlier
      ? waitForInput(context, { ...input, timeoutMs: remainingMs(context, earlier) }, earlier.requestId, call)
      : requestInput(context, input, call)
    if (!answered) throw new InputTimeoutError(request.timeoutMs ?? Infinity)
    return answered.value
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
  const { sessionId } = request
  call.throwIfAborted()
  if (!goesOn(context, sessionId)) return undefined
  const requestId = nextRequestId(context, sessionId)
  context.record(inputRequested({ requestId, ...request }))
  return yield* waitForInput(context, request, requestId, call)
}

function* waitForInput(
  context: Context,
  { sessionId, kind, timeoutMs }: InputRequest,
  requestId: RequestId,
  call: RunningCall,
): Saga<{ readonly value: Json } | undefined> {
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
