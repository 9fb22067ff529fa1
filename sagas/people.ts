import type { InputKind, RequestId, SessionId } from '../slices/facts.js'

/** Somebody who waits for a person's answer. */
export interface Waiter {
  readonly sessionId: SessionId
  readonly requestId: RequestId
  readonly kind: InputKind | 'approval'
  answer(answer: unknown): void
  /** Ends the wait without an answer. */
  dismiss(reason: unknown): void
}

/** Who waits for people, by session and oldest first. What is waited for is state; the waiting is not. */
export class PeopleWaiters {
  readonly #bySession = new Map<SessionId, Waiter[]>()

  /** Returns what ends the wait. */
  add(waiter: Waiter): () => void {
    const { sessionId } = waiter
    const waiting = this.#bySession.get(sessionId) ?? []
    this.#bySession.set(sessionId, waiting)
    waiting.push(waiter)
    return () => {
      const index = waiting.indexOf(waiter)
      if (index >= 0) waiting.splice(index, 1)
      if (waiting.length === 0) this.#bySession.delete(sessionId)
    }
  }

  /** The first that fits. */
  find(sessionId: SessionId, fits: (waiter: Waiter) => boolean): Waiter | undefined {
    return this.#bySession.get(sessionId)?.find(fits)
  }

  /** Nobody will answer what this session asks. */
  dismiss(sessionId: SessionId, reason: unknown): void {
    for (const waiter of [...(this.#bySession.get(sessionId) ?? [])]) waiter.dismiss(reason)
  }
}
