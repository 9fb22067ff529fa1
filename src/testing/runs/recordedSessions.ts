import { sessionOpened } from '../../../slices/facts.js'
import type { Fact } from '../../../slices/fact.js'
import { canonicalJson, type Json } from '../../../slices/rules/json.js'
import type { CallQuestion, RecordedCall, RecordedRun } from './recordedRun.js'

/** A call of the recording, while it is replayed. */
export interface AwaitedCall {
  readonly recorded: RecordedCall
  /** Which of all calls ended, counted from 0. */
  readonly index: number
  isAsked: boolean
}

/** Who calls: what sessions of the two runs are known by. */
export interface Caller {
  readonly role: string
  readonly threadId: string | null
}

/** The calls of one session of the recording. */
export class RecordedSession {
  readonly caller: Caller
  readonly calls: readonly AwaitedCall[]
  isTaken = false

  constructor(caller: Caller, calls: readonly AwaitedCall[]) {
    this.caller = caller
    this.calls = calls
  }

  /** The first call that nobody has asked for and that asks the same. */
  find(question: CallQuestion): AwaitedCall | undefined {
    return this.unasked().find(({ recorded }) => keyOf(recorded) === keyOf(question))
  }

  /** A call that had ended before this one began, and that nobody has asked for. */
  findSkipped({ recorded: { after } }: AwaitedCall): AwaitedCall | undefined {
    return this.unasked().find(({ index }) => index < after)
  }

  /** Whether it may ask this now. */
  isNext(question: CallQuestion): boolean {
    const found = this.find(question)
    return found !== undefined && !this.findSkipped(found)
  }

  unasked(): readonly AwaitedCall[] {
    return this.calls.filter(({ isAsked }) => !isAsked).sort((a, b) => a.recorded.seq - b.recorded.seq)
  }
}

/** Which session of the recording is which of those that run. */
export class RecordedSessions {
  readonly sessions: readonly RecordedSession[]
  readonly #awaited: readonly AwaitedCall[]
  readonly #bySession = new Map<string, RecordedSession>()

  constructor({ facts, calls }: RecordedRun) {
    const awaited = calls.map((recorded, index): AwaitedCall => ({ recorded, index, isAsked: false }))
    this.#awaited = awaited
    this.sessions = callersOf(facts).map(
      ([id, caller]) =>
        new RecordedSession(
          caller,
          awaited.filter(({ recorded }) => recorded.session === id),
        ),
    )
  }

  /**
   * The one that a session is: of the same role in the same thread, and where there are several, the first that asks the same.
   * `undefined`: there is none.
   */
  of(sessionId: string, caller: Caller, question: CallQuestion): RecordedSession | undefined {
    const known = this.#bySession.get(sessionId)
    if (known) return known
    const alike = this.sessions.filter((session) => !session.isTaken && isAlike(session.caller, caller))
    const session =
      alike.find((candidate) => candidate.isNext(question)) ??
      alike.find((candidate) => candidate.find(question)) ??
      alike.find(({ calls }) => calls.length > 0)
    if (session) {
      session.isTaken = true
      this.#bySession.set(sessionId, session)
    }
    return session
  }

  unasked(): readonly AwaitedCall[] {
    return this.sessions.flatMap((session) => session.unasked()).sort((a, b) => a.recorded.seq - b.recorded.seq)
  }

  /** Of the calls that nobody has asked for, the `index` of the one that ended first. Infinity: all have been asked for. */
  nextIndex(): number {
    return this.#awaited.find(({ isAsked }) => !isAsked)?.index ?? Infinity
  }
}

function callersOf(facts: readonly Fact[]): readonly (readonly [string, Caller])[] {
  const opened = facts.filter((fact) => sessionOpened.match(fact))
  return opened.map(({ payload: { sessionId, role, threadId } }) => [sessionId, { role, threadId }])
}

function isAlike(one: Caller, other: Caller): boolean {
  return one.role === other.role && one.threadId === other.threadId
}

function keyOf({ kind, name, attempt, model, provider, input }: CallQuestion): string {
  return canonicalJson([kind, name, attempt, model ?? null, provider ?? null, input ?? null] as Json)
}
