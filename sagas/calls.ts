import type { SessionId } from '../slices/facts.js'

/** The calls in flight, by session. Not state: what runs cannot be replayed. */
export class RunningCalls {
  readonly #bySession = new Map<SessionId, SessionCalls>()

  /** @param callerSignal - Aborts the call, with its own reason. */
  begin(sessionId: SessionId, callerSignal?: AbortSignal): RunningCall {
    return new RunningCall(this.#of(sessionId), callerSignal)
  }

  /** Aborted when the session ends. */
  signalOf(sessionId: SessionId): AbortSignal {
    return (this.#of(sessionId).controller ??= new AbortController()).signal
  }

  /** Aborts what a session that has ended still runs. */
  abortAll(sessionId: SessionId, reason: unknown): void {
    const { inFlight, controller } = this.#of(sessionId)
    for (const call of [...inFlight]) call.abort(reason)
    controller?.abort(reason)
    this.#bySession.delete(sessionId)
  }

  /** Resolves when nothing of this session is in flight any more. */
  settled(sessionId: SessionId): Promise<void> {
    const calls = this.#of(sessionId)
    return calls.inFlight.length === 0 ? Promise.resolve() : new Promise((resolve) => calls.onSettled.push(resolve))
  }

  #of(sessionId: SessionId): SessionCalls {
    let calls = this.#bySession.get(sessionId)
    if (!calls) this.#bySession.set(sessionId, (calls = { inFlight: [], onSettled: [], controller: undefined }))
    return calls
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

/** One call of a user's function, from before it is admitted until its outcome is recorded. */
export class RunningCall {
  readonly #siblings: SessionCalls
  readonly #callerSignal: AbortSignal | undefined
  readonly #onCallerAbort = (): void => this.abort(this.#callerSignal?.reason)
  #controller: AbortController | undefined
  #aborted: { readonly reason: unknown } | undefined
  #interrupt: (() => void) | undefined

  constructor(siblings: SessionCalls, callerSignal: AbortSignal | undefined) {
    this.#siblings = siblings
    this.#callerSignal = callerSignal
    siblings.inFlight.push(this)
    if (callerSignal?.aborted) this.#onCallerAbort()
    else callerSignal?.addEventListener('abort', this.#onCallerAbort)
  }

  /** Made when somebody looks at it: most functions never do, and making one costs as much as a turn. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort(this.#aborted.reason)
    return this.#controller.signal
  }

  get aborted(): { readonly reason: unknown } | undefined {
    return this.#aborted
  }

  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = { reason }
    this.#interrupt?.()
    this.#controller?.abort(reason)
  }

  /** What to do when the call is aborted from now on. One at a time. */
  onAbort(interrupt: (() => void) | undefined): void {
    this.#interrupt = interrupt
  }

  end(): void {
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort)
    const { inFlight, onSettled } = this.#siblings
    inFlight.splice(inFlight.indexOf(this), 1)
    if (inFlight.length === 0) for (const resolve of onSettled.splice(0)) resolve()
  }
}

/** The part of a running call that its function gets to see. */
export class CallHandle {
  readonly #call: RunningCall

  constructor(call: RunningCall) {
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }
}
