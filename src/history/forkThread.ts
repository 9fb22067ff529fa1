import type { Fact } from '../../slices/fact.js'
import { handoffIssued, sessionOpened, threadsEvicted, type FactPayload, type SessionId } from '../../slices/facts.js'
import { upcast } from '../../slices/upcasters.js'

/**
 * The facts of one thread up to a fact, out of all facts of a log. A thread that was forgotten meanwhile begins where it was begun
 * anew.
 */
export class ThreadFacts {
  readonly #threadId: string
  readonly #until: number
  readonly #sessions = new Set<SessionId>()
  /** Of workers that nobody has picked up, by worker. */
  readonly #handoffs = new Map<SessionId, Fact<FactPayload<typeof handoffIssued>>>()
  #facts: Fact[] = []
  #firstSeq: number | undefined
  #isForgotten = false

  constructor(threadId: string, until: number) {
    this.#threadId = threadId
    this.#until = until
  }

  /** Also of facts that come later. `undefined`: there is no such thread. */
  get firstSeq(): number | undefined {
    return this.#firstSeq
  }

  get facts(): readonly Fact[] {
    return this.#facts
  }

  add(recorded: Fact): void {
    const { seq, stream } = recorded.meta
    if (stream === this.#threadId) this.#firstSeq ??= seq
    if (seq > this.#until) return
    const fact = upcast(recorded)
    if (threadsEvicted.match(fact)) this.#isForgotten ||= fact.payload.threadIds.includes(this.#threadId)
    else if (sessionOpened.match(fact)) this.#open(fact, fact.payload.sessionId)
    else this.#keep(fact)
  }

  #open(fact: Fact, sessionId: SessionId): void {
    const handoff = this.#handoffs.get(sessionId)
    this.#handoffs.delete(sessionId)
    if (fact.meta.stream !== this.#threadId) return
    if (this.#isForgotten) this.#beginAnew()
    // The worker was registered in another thread.
    if (handoff && !this.#sessions.has(handoff.payload.sessionId)) this.#facts.push(handoff)
    this.#sessions.add(sessionId)
    this.#facts.push(fact)
  }

  #keep(fact: Fact): void {
    if (handoffIssued.match(fact)) this.#handoffs.set(fact.payload.targetSessionId, fact)
    const { sessionId } = fact.payload as { readonly sessionId?: SessionId }
    const isOurs = fact.meta.stream === this.#threadId && sessionId !== undefined && this.#sessions.has(sessionId)
    if (isOurs) this.#facts.push(fact)
  }

  #beginAnew(): void {
    this.#isForgotten = false
    this.#facts = []
    this.#sessions.clear()
  }
}
