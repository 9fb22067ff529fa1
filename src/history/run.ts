import type { Fact } from '../../slices/fact.js'
import { orchestratorRegistered, sessionsEvicted, threadsEvicted } from '../../slices/facts.js'
import { isTerminal, type LifecycleStatus } from '../../slices/rules/lifecycle.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { selectSession, sessionCostUsd, usageOf, type Session } from '../../slices/sessions.js'
import { initialState, replayFact } from '../../slices/state.js'
import { upcast } from '../../slices/upcasters.js'
import { sumUsage } from '../../slices/usage.js'
import type { RunOutcome, RunSelection } from './runDiff.js'

/** One side of a comparison. */
export interface Run {
  /** In the order in which they were opened. */
  readonly sessions: readonly SessionRun[]
  /** What belongs to no session: how the runtime was configured, mostly. */
  readonly shared: readonly Fact[]
  readonly prices: PriceList
}

export interface SessionRun {
  readonly id: string
  readonly facts: readonly Fact[]
  /** As it was when it was last heard of. */
  readonly session: Session
}

/**
 * @throws {LogCorruptError | LogVersionError} As `replay`.
 */
export async function readRun(facts: Iterable<Fact> | AsyncIterable<Fact>, selection: RunSelection): Promise<Run> {
  const reader = new RunReader(selection)
  for await (const fact of facts) reader.add(fact)
  return reader.run
}

/** Reads a run fact by fact. */
export class RunReader {
  readonly #selection: RunSelection
  readonly #sessions = new Map<string, { id: string; facts: Fact[]; session: Session }>()
  readonly #shared: Fact[] = []
  #state = initialState

  constructor(selection: RunSelection = {}) {
    this.#selection = selection
  }

  /** @throws {LogCorruptError | LogVersionError} As `replay`. */
  add(stored: Fact): void {
    this.#state = replayFact(this.#state, stored)
    const fact = upcast(stored)
    const id = sessionIdOf(fact)
    if (id === null) {
      if (!isHousekeeping(fact)) this.#shared.push(fact)
      return
    }
    const known = this.#sessions.get(id)
    const session = selectSession(this.#state, id) ?? known?.session
    if (!session || !isSelected(session, this.#selection)) return
    if (known) Object.assign(known, { session }).facts.push(fact)
    else this.#sessions.set(id, { id, facts: [fact], session })
  }

  /** What was read so far. */
  get run(): Run {
    const sessions = [...this.#sessions.values()]
    const shared = isNarrowed(this.#selection)
      ? this.#shared.filter((fact) => configures(fact, sessions))
      : this.#shared
    return { sessions, shared, prices: this.#state.pricing }
  }
}

export function isNarrowed({ threadId, sessionId }: RunSelection): boolean {
  return threadId !== undefined || sessionId !== undefined
}

/** What became of sessions that were opened in this order. */
export function outcomeOf(sessions: readonly SessionRun[]): RunOutcome {
  const last = sessions.at(-1)?.session
  const usage = sumUsage(sessions.flatMap(({ session }) => usageOf(session)))
  return {
    sessions: sessions.length,
    status: last ? statusOf(last) : null,
    detail: last?.lifecycle.detail ?? null,
    turns: sum(sessions, ({ turns }) => turns.started),
    tools: sum(sessions, ({ tools }) => tools.started),
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  }
}

export function costOf(sessions: readonly SessionRun[], prices: PriceList): number {
  return sum(sessions, (session) => sessionCostUsd(session, prices))
}

function sessionIdOf({ payload }: Fact): string | null {
  const { sessionId } = payload as { readonly sessionId?: string | null }
  return sessionId ?? null
}

/** What was forgotten, and when, depends on how much else there was. */
function isHousekeeping(fact: Fact): boolean {
  return sessionsEvicted.match(fact) || threadsEvicted.match(fact)
}

function isSelected({ id, threadId }: Session, selection: RunSelection): boolean {
  return (selection.threadId ?? threadId) === threadId && (selection.sessionId ?? id) === id
}

function configures(fact: Fact, sessions: readonly SessionRun[]): boolean {
  return (
    orchestratorRegistered.match(fact) &&
    sessions.some(({ session }) => session.orchestratorId === fact.payload.orchestratorId)
  )
}

/** `parked`: its process went down, and nobody has taken it up again. */
export type SessionStatus = LifecycleStatus | 'parked'

export function statusOf({ lifecycle: { status, parkedAt } }: Session): SessionStatus {
  return parkedAt !== null && !isTerminal(status) ? 'parked' : status
}

function sum(sessions: readonly SessionRun[], count: (session: Session) => number): number {
  return sessions.reduce((total, { session }) => total + count(session), 0)
}
