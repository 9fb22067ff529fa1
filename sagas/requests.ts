import type { RequestId, SessionId } from '../slices/facts.js'
import type { AnsweredRequest, PendingRequest } from '../slices/requests.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import type { Waiter } from './people.js'
import { goesOn, requireActive } from './session.js'

/** Nobody is asked for what was answered: the request is unknown, answered already, expired or withdrawn. */
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

export function nextRequestId(context: Context, sessionId: SessionId): RequestId {
  return `request-${requireActive(context, sessionId).requests.count + 1}`
}

/** A request that another process made and that stands, or what a person has said to it since. */
export function takeEarlier(
  context: Context,
  sessionId: SessionId,
  isMeant: (request: PendingRequest | AnsweredRequest) => boolean,
): PendingRequest | AnsweredRequest | undefined {
  const { pending, answered } = requireActive(context, sessionId).requests
  const earlier: readonly (PendingRequest | AnsweredRequest)[] = [...(answered ?? []), ...pending]
  return context.resumptions.get(sessionId)?.takeRequest(earlier, isMeant)
}

/** How long is left for an answer. */
export function remainingMs({ clock }: Context, { expiresAt }: PendingRequest): number | null {
  return expiresAt === null ? null : Math.max(0, expiresAt - clock.now())
}

export interface PersonRequest<Answer> extends Pick<Waiter, 'sessionId' | 'requestId' | 'kind'> {
  /** `null`: waits for ever. */
  readonly timeoutMs: number | null
  /** Records that nobody answered in time, and returns what that means. */
  expire(): Answer
  /** Records that whoever asked does not wait any more. */
  withdraw(): void
}

/**
 * Waits for an answer. An abort is noticed a microtask later: an answer that is given in the same breath still arrives. The
 * request of a session that was parked stays: whoever takes its thread up again finds it.
 *
 * @throws The reason of the abort.
 */
export function* waitForPerson<Answer>(
  context: Context,
  call: RunningCall,
  { sessionId, requestId, kind, timeoutMs, expire, withdraw }: PersonRequest<Answer>,
): Saga<Answer> {
  return (yield new Promise<Answer>((resolve, reject) => {
    let isOver = false
    const end = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      stop()
      call.onAbort(undefined)
      if (timer !== undefined) context.clock.clearTimeout(timer)
      try {
        settle()
      } catch (error) {
        // In a timer or a microtask: what the log throws is for the one who waits.
        reject(error)
      }
    }
    const stop = context.people.add({
      ...{ sessionId, requestId, kind },
      answer: (answer) => end(() => resolve(answer as Answer)),
      dismiss: (reason) => end(() => reject(reason)),
    })
    const timer =
      timeoutMs === null ? undefined : context.clock.setTimeout(() => end(() => resolve(expire())), timeoutMs)
    const abort = (): void => {
      if (goesOn(context, sessionId)) withdraw()
      reject(call.aborted?.reason)
    }
    call.onAbort(() => queueMicrotask(() => end(abort)))
  })) as Answer
}
