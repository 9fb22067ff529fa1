import { handoffIssued, sessionsEvicted, type SessionId } from '../../slices/facts.js'
import { numberOf } from '../../slices/rules/ids.js'
import { rows } from '../../slices/rules/table.js'
import { selectSession, type Session } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { summarizeUsage, type Usage } from '../../slices/usage.js'
import { statusOf, type SessionStatus } from '../history/run.js'
import { detailWithoutContent } from '../transcript/content.js'
import { addPaid } from '../transcript/paid.js'
import { sessionIdOf, type Step } from '../transcript/step.js'
import { byThread, together } from '../transcript/threads.js'
import type { Spent } from './text.js'

/**
 * One session, as far as a list says. JSON. Its cost is what its own calls cost: what an idempotency key answered, and what a fork
 * copied, was paid for by the session that ran it.
 */
export interface ListedSession extends Spent {
  readonly sessionId: SessionId
  readonly threadId: string | null
  readonly projectId: number | null
  readonly role: string
  readonly phase: string
  readonly status: SessionStatus
  /** Why it is in this status. `[content]`: the user wrote it. `null`: nobody said, or it is what a person is asked. */
  readonly detail: string | null
  /** Those that were started. */
  readonly turns: number
  /** Calls that were started. */
  readonly tools: number
  readonly facts: number
  /** Unix ms. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
}

/** What sessions of one thread did together. JSON. */
export interface ListedThread extends Spent {
  readonly threadId: string
  readonly sessions: number
  readonly unfinished: number
  readonly turns: number
  readonly tools: number
  /** Unix ms. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
}

interface Span {
  readonly firstAt: number
  lastAt: number
  facts: number
  /** What its own calls used, without those that it is a copy of. */
  paid: Usage
}

/** Gathers all sessions of a log in one pass, those included that its runtime forgot. Holds a few numbers for each. */
export class SessionList {
  readonly #spans = new Map<SessionId, Span>()
  readonly #evicted: ListedSession[] = []

  add({ fact, before }: Step): void {
    const { at } = fact.meta
    const span = this.#touch(sessionIdOf(fact), at)
    if (span) span.paid = addPaid(span.paid, fact)
    if (handoffIssued.match(fact)) this.#touch(fact.payload.targetSessionId, at)
    if (!sessionsEvicted.match(fact)) return
    for (const id of fact.payload.sessionIds) {
      const session = selectSession(before, id)
      if (session) this.#evicted.push(this.#listed(session, before))
    }
  }

  /** In the order of their registration. */
  finish(state: RuntimeState): readonly ListedSession[] {
    const kept = [...rows(state.sessions.rows)].map((session) => this.#listed(session, state))
    return [...this.#evicted, ...kept].sort((a, b) => numberOf(a.sessionId) - numberOf(b.sessionId))
  }

  #touch(id: SessionId | null, at: number): Span | undefined {
    if (id === null) return undefined
    const span = this.#spans.get(id) ?? { firstAt: at, lastAt: at, facts: 0, paid: [] }
    span.lastAt = at
    span.facts += 1
    this.#spans.set(id, span)
    return span
  }

  #listed(session: Session, { pricing }: RuntimeState): ListedSession {
    const { id: sessionId, threadId, projectId, role, phase, turns, tools } = session
    const { firstAt = 0, lastAt = 0, facts = 0, paid = [] } = this.#spans.get(sessionId) ?? {}
    const { costUsd, unpricedModels } = summarizeUsage(paid, pricing)
    return {
      sessionId,
      threadId,
      projectId,
      role,
      phase,
      status: statusOf(session),
      detail: detailWithoutContent(session.lifecycle),
      turns: turns.started,
      tools: tools.started,
      costUsd,
      unpricedModels,
      facts,
      firstAt,
      lastAt,
    }
  }
}

/** The threads of these sessions, in the order in which they began. */
export function threadsOf(sessions: readonly ListedSession[]): readonly ListedThread[] {
  return [...byThread(sessions)].map(([threadId, members]) => ({
    threadId,
    sessions: members.length,
    ...together(members),
  }))
}
