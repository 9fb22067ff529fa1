import type { SessionId } from '../slices/facts.js'

/** The calls in flight, by session. Not state: what runs cannot be replayed. */
export class RunningCalls {
  readonly #bySession = new Map<SessionId, SessionCalls>()
  readonly #byCallerSignal = new WeakMap<AbortSignal, CallerSignal>()

  /** @param callerSignal - Aborts the call, with its own reason. */
  begin(sessionId: SessionId, callerSignal?: AbortSignal): RunningCall {
    return new RunningCall(this.#of(sessionId), callerSignal && this.#ofCaller(callerSignal))
  }

  /** Calls back when a caller's signal is aborted. Returns what ends that. */
  watch(callerSignal: AbortSignal, abort: () => void): () => void {
    const watcher = { abort }
    const caller = this.#ofCaller(callerSignal)
    caller.add(watcher)
    return () => caller.remove(watcher)
  }

  /** Aborted when the session ends. */
  signalOf(sessionId: SessionId): AbortSignal {
    return (this.#of(sessionId).controller ??= new AbortController()).signal
  }

  /** Whether a session, even one that has ended, still has calls in flight. */
  isRunning(sessionId: SessionId): boolean {
    return (this.#bySession.get(sessionId)?.inFlight.length ?? 0) > 0
  }

  /** The sessions that have calls in flight, even those that have ended. */
  running(): readonly SessionId[] {
    return [...this.#bySession.keys()].filter((sessionId) => this.isRunning(sessionId))
  }

  /** Aborts what a session runs. The session itself goes on. */
  abortCalls(sessionId: SessionId, reason: unknown): void {
    for (const call of [...(this.#bySession.get(sessionId)?.inFlight ?? [])]) call.abort(reason)
  }

  /** Aborts what a session runs, and its signal, for good. */
  abortAll(sessionId: SessionId, reason: unknown): void {
    const calls = this.#bySession.get(sessionId)
    if (!calls) return
    this.abortCalls(sessionId, reason)
    calls.controller?.abort(reason)
    this.#bySession.delete(sessionId)
  }

  /** Aborts whatever runs. */
  abortEverything(reason: unknown): void {
    for (const sessionId of [...this.#bySession.keys()]) this.abortAll(sessionId, reason)
  }

  /** Forgets a session that has ended well: what it still runs may finish. */
  async conclude(sessionId: SessionId, reason: unknown): Promise<void> {
    if (!this.#bySession.has(sessionId)) return
    await this.settled(sessionId)
    this.abortAll(sessionId, reason)
  }

  /** Forgets a session that has nothing in flight any more. */
  forget(sessionId: SessionId): void {
    this.#bySession.delete(sessionId)
  }

  /** Resolves when nothing of this session is in flight any more. */
  settled(sessionId: SessionId): Promise<void> {
    const calls = this.#bySession.get(sessionId)
    if (!calls || calls.inFlight.length === 0) return Promise.resolve()
    return new Promise((resolve) => calls.onSettled.push(resolve))
  }

  #of(sessionId: SessionId): SessionCalls {
    let calls = this.#bySession.get(sessionId)
    if (!calls) this.#bySession.set(sessionId, (calls = { inFlight: [], onSettled: [], controller: undefined }))
    return calls
  }

  #ofCaller(signal: AbortSignal): CallerSignal {
    let caller = this.#byCallerSignal.get(signal)
    if (!caller) this.#byCallerSignal.set(signal, (caller = new CallerSignal(signal)))
    return caller
  }
}

/**
 * An array, and one for the life of the session: a Set or Map that is filled and emptied with every call leaves a chain of
 * outgrown tables, which holds calls that ended until the next full garbage collection.
 */
interface SessionCalls {
  readonly inFlight: RunningCall[]
  readonly onSettled: (() => void)[]
  controller: AbortController | undefined
}

interface Abortable {
  abort(reason: unknown): void
}

/** What one caller's signal aborts. One listener for all of it: Node warns of a leak at eleven. */
class CallerSignal {
  readonly #listening: Abortable[] = []
  readonly #onAbort = (): void => {
    for (const each of [...this.#listening]) each.abort(this.signal.reason)
  }

  constructor(readonly signal: AbortSignal) {}

  add(abortable: Abortable): void {
    if (this.signal.aborted) return abortable.abort(this.signal.reason)
    if (this.#listening.push(abortable) === 1) this.signal.addEventListener('abort', this.#onAbort)
  }

  remove(abortable: Abortable): void {
    const index = this.#listening.indexOf(abortable)
    if (index < 0) return
    this.#listening.splice(index, 1)
    if (this.#listening.length === 0) this.signal.removeEventListener('abort', this.#onAbort)
  }
}

/** One call of a user's function, from before it is admitted until its outcome is recorded. */
export class RunningCall {
  readonly #siblings: SessionCalls
  readonly #caller: CallerSignal | undefined
  #controller: AbortController | undefined
  #aborted: { readonly reason: unknown } | undefined
  #interrupt: (() => void) | undefined
  #attempt = 1
  /** Why the attempt before this one was told to stop. */
  #stopped: unknown

  constructor(siblings: SessionCalls, caller: CallerSignal | undefined) {
    this.#siblings = siblings
    this.#caller = caller
    siblings.inFlight.push(this)
    caller?.add(this)
  }

  /** Made when somebody looks at it: most functions never do, and making one costs as much as a turn. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort(this.#aborted.reason)
    return this.#controller.signal
  }

  /** Of one attempt: aborted once there is a later one. */
  signalOf(attempt: number): AbortSignal {
    return attempt === this.#attempt ? this.signal : AbortSignal.abort(this.#stopped)
  }

  get attempt(): number {
    return this.#attempt
  }

  get aborted(): { readonly reason: unknown } | undefined {
    return this.#aborted
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#aborted.reason
  }

  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = { reason }
    this.#interrupt?.()
    this.#controller?.abort(reason)
  }

  /**
   * The function was told to stop, because it took too long or its turn is tried again. The next one gets a signal of its own;
   * an abort from outside stays.
   */
  renew(reason: unknown): void {
    if (this.#aborted) return
    this.#controller?.abort(reason)
    this.#controller = undefined
    this.#stopped = reason
    this.#attempt += 1
  }

  /** What to do when the call is aborted from now on. One at a time. */
  onAbort(interrupt: (() => void) | undefined): void {
    this.#interrupt = interrupt
  }

  end(): void {
    this.#caller?.remove(this)
    const { inFlight, onSettled } = this.#siblings
    inFlight.splice(inFlight.indexOf(this), 1)
    if (inFlight.length === 0) for (const resolve of onSettled.splice(0)) resolve()
  }
}

/** The part of a running call that its function gets to see: the signal, as it is for this attempt. */
export class CallHandle {
  readonly #call: RunningCall
  readonly #attempt: number
  #signal: AbortSignal | undefined

  constructor(call: RunningCall) {
    this.#call = call
    this.#attempt = call.attempt
  }

  // A function may look at it for the first time when it was told to stop long ago.
  get signal(): AbortSignal {
    return (this.#signal ??= this.#call.signalOf(this.#attempt))
  }

  /** Aborts the signal of this attempt, if it is the latest one. The call goes on. */
  stop(reason: unknown): void {
    if (this.#attempt === this.#call.attempt) this.#call.renew(reason)
  }
}
