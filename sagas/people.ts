import type { RequestId, SessionId } from '../slices/facts.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'

/** Who waits for a person's answer. What is waited for is state; the waiting is not. */
export class PeopleWaiters {
  readonly #waiting = new Map<string, (answer: unknown) => void>()

  /** Returns what ends the wait. */
  wait(id: string, resolve: (answer: unknown) => void): () => void {
    this.#waiting.set(id, resolve)
    return () => void this.#waiting.delete(id)
  }

  /** Whether somebody was waiting. */
  answer(sessionId: SessionId, requestId: RequestId, answer: unknown): boolean {
    const resolve = this.#waiting.get(waiterId(sessionId, requestId))
    resolve?.(answer)
    return resolve !== undefined
  }
}

export function waiterId(sessionId: SessionId, requestId: RequestId): string {
  return `${sessionId}/${requestId}`
}

export interface PersonRequest<Answer> {
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly timeoutMs: number | null
  /** Records that nobody answered in time, and returns what that means. */
  expire(): Answer
}

/**
 * Waits for an answer. An abort is noticed a microtask later: an answer that is given in the same breath still arrives.
 *
 * @throws The reason of the abort.
 */
export function* waitForPerson<Answer>(
  context: Context,
  call: RunningCall,
  { sessionId, requestId, timeoutMs, expire }: PersonRequest<Answer>,
): Saga<Answer> {
  return (yield new Promise<Answer>((resolve, reject) => {
    const settle = (act: () => void): void => {
      stop()
      call.onAbort(undefined)
      if (timer !== undefined) context.clock.clearTimeout(timer)
      act()
    }
    const stop = context.people.wait(waiterId(sessionId, requestId), (answer) =>
      settle(() => resolve(answer as Answer)),
    )
    const timer =
      timeoutMs === null ? undefined : context.clock.setTimeout(() => settle(() => resolve(expire())), timeoutMs)
    const abort = (): void => settle(() => reject(call.aborted?.reason))
    call.onAbort(() => queueMicrotask(abort))
    if (call.aborted) abort()
  })) as Answer
}
