import type { Fact } from '../../slices/fact.js'
import {
  approvalRequested,
  handoffIssued,
  inputRequested,
  sessionOpened,
  toolStarted,
  turnStarted,
  type CallId,
  type SessionId,
} from '../../slices/facts.js'

export interface ForkedSession {
  readonly from: SessionId
  readonly to: SessionId
}

/** The ids of copies. Sessions get new numbers; calls and questions close the gaps that those left out would leave. */
export class ForkIds {
  readonly sessions: ForkedSession[] = []
  readonly #taken: number
  readonly #bySession = new Map<SessionId, SessionIds>()

  /** @param taken - How many sessions were ever registered. */
  constructor(taken: number) {
    this.#taken = taken
  }

  /** Gives names to what begins with this fact. */
  register(fact: Fact): void {
    if (sessionOpened.match(fact)) this.#addSession(fact.payload.sessionId)
    else if (handoffIssued.match(fact)) this.#addSession(fact.payload.targetSessionId)
    else if (turnStarted.match(fact)) this.#addCall(fact.payload.sessionId, fact.payload.turnId)
    else if (toolStarted.match(fact)) this.#addCall(fact.payload.sessionId, fact.payload.toolCallId)
    else if (inputRequested.match(fact) || approvalRequested.match(fact)) {
      this.#addCall(fact.payload.sessionId, fact.payload.requestId)
    }
  }

  /** A copy of an object that names sessions, calls and questions by the fields that facts have for them. */
  rename(named: object): Record<string, unknown> {
    const copy: Record<string, unknown> = { ...named }
    const { sessionId } = named as { readonly sessionId?: SessionId }
    for (const field of SESSIONS) if (typeof copy[field] === 'string') copy[field] = this.#session(copy[field])
    // A worker's function is known by the worker.
    if (typeof copy['run'] === 'string' && copy['run'].startsWith('@'))
      copy['run'] = `@${this.#session(copy['run'].slice(1))}`
    for (const field of CALLS) {
      if (sessionId !== undefined && typeof copy[field] === 'string') {
        copy[field] = this.call(sessionId, copy[field])
      }
    }
    return copy
  }

  /** Whether this session of the original was copied. */
  has(id: SessionId): boolean {
    return this.#bySession.has(id)
  }

  /** @param sessionId - Of the original. */
  call(sessionId: SessionId, id: CallId): string {
    return this.#bySession.get(sessionId)?.calls.get(id) ?? id
  }

  /** Sessions of other threads keep their ids. */
  #session(id: SessionId): SessionId {
    return this.#bySession.get(id)?.to ?? id
  }

  #addSession(from: SessionId): void {
    if (this.#bySession.has(from)) return
    const to = `session-${this.#taken + this.sessions.length + 1}`
    this.#bySession.set(from, { to, calls: new Map(), counts: new Map() })
    this.sessions.push({ from, to })
  }

  #addCall(sessionId: SessionId, id: CallId): void {
    const session = this.#bySession.get(sessionId)
    if (!session || session.calls.has(id)) return
    const kind = id.slice(0, id.lastIndexOf('-'))
    const count = (session.counts.get(kind) ?? 0) + 1
    session.counts.set(kind, count)
    session.calls.set(id, `${kind}-${count}`)
  }
}

interface SessionIds {
  readonly to: SessionId
  /** New ids by old ones. */
  readonly calls: Map<string, string>
  /** How many there are, by what they begin with. */
  readonly counts: Map<string, number>
}

const SESSIONS = ['sessionId', 'targetSessionId', 'sourceSessionId'] as const
const CALLS = ['turnId', 'toolCallId', 'callId', 'requestId'] as const
