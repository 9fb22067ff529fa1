import { cancelWith, openSession } from '../sagas/session.js'
import { waitToOpen } from '../sagas/waitForLive.js'
import { sessionSaga, type SessionRequest } from '../sagas/sessionFunction.js'
import { assertArgument, InvalidArgumentError, NotFoundError } from '../slices/rules/errors.js'
import type { Handoff } from '../slices/rules/handoff.js'
import { canonicalJson } from '../slices/rules/json.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { own } from '../slices/rules/own.js'
import { selectThread } from '../slices/scopes.js'
import { selectSession } from '../slices/sessions.js'
import type { OrchestratorFunctions } from './config/orchestrator.js'
import { flag, nonBlank, oneOf, parse } from './config/schema.js'
import { assertKnown, parseSignal } from './options.js'
import { AgentSession, type RuntimeCore } from './session.js'

export interface SessionOptions {
  /** The user's own durable name for a piece of work. Sessions of one thread share a stream of the log. */
  readonly threadId?: string | undefined
  /** The handoff to pick up, or the id of the worker that waits for it. */
  readonly handoff?: Handoff | string | undefined
  /** Cancels the session when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

export interface RunOptions extends SessionOptions {
  /**
   * Calls that still run when the session's function has returned: `'wait'`, the default, lets them finish first; `'abort'`
   * aborts them, such as those that lost a `Promise.race`.
   */
  readonly leftovers?: 'wait' | 'abort' | undefined
  /**
   * What to do when the thread was begun before. `true`, the default: goes on where another process stopped, and returns again what
   * the function has returned. `false`: begins anew; a session that was left unfinished is cancelled. Needs `threadId`, and
   * `record: { results: 'json' }` from the first process on.
   */
  readonly resume?: boolean | undefined
}

/** Opens sessions of one role. */
export class Orchestrator {
  readonly #core: RuntimeCore
  readonly #functions: OrchestratorFunctions
  readonly id: string
  readonly config: OrchestratorConfig

  constructor(core: RuntimeCore, id: string, config: OrchestratorConfig, functions: OrchestratorFunctions) {
    this.#core = core
    this.#functions = functions
    this.id = id
    this.config = config
  }

  /**
   * Runs `run` in a session of its own and resolves to what it returned. The session ends as completed when `run` has returned and
   * nothing that it began is in flight, as failed when it throws, as cancelled when `signal` is aborted.
   *
   * @throws What `run` throws, as it was.
   * @throws {InvalidArgumentError} An option does not fit. No session was opened.
   * @throws {NotFoundError} The handoff is unknown, or somebody picked it up already.
   * @throws {ThreadNotResumableError} Another process left the thread unfinished, and its results were not recorded.
   * @throws {ThreadBusyError} The thread is being run here, and its results are recorded.
   * @throws {ReplayDivergenceError} `run` asks for something else than the log has answered.
   */
  async session<T>(run: (session: AgentSession) => T | PromiseLike<T>, options: RunOptions = {}): Promise<T> {
    assertArgument(typeof run === 'function', 'run', run, 'a function')
    assertKnown(options, ['threadId', 'handoff', 'signal', 'leftovers', 'resume'])
    const { leftovers = 'wait', resume = true } = options
    return this.#core.run<SessionRequest<T>, T>(sessionSaga, {
      ...this.#openRequest(options, 'function'),
      thunk: (sessionId) => run(new AgentSession(this.#core, sessionId, this.#functions)),
      signal: parseSignal(options.signal),
      leftovers: parse(oneOf(['wait', 'abort']), leftovers, 'leftovers'),
      resume: parse(flag, resume, 'resume'),
    })
  }

  /**
   * Opens a session that the caller ends: by `complete`, `fail`, `cancel`, a handoff, or by leaving an `await using` block.
   *
   * @throws {InvalidArgumentError} An option does not fit. No session was opened.
   * @throws {NotFoundError} The handoff is unknown, or somebody picked it up already.
   * @throws {TimeTravellingError} The store does not show the state of the log, and calls are rejected then.
   */
  async open(options: SessionOptions = {}): Promise<AgentSession> {
    assertKnown(options, ['threadId', 'handoff', 'signal'])
    const signal = parseSignal(options.signal)
    const { context } = this.#core
    if (!context.timeTravel.isLive()) await this.#core.run(waitToOpen, signal)
    signal?.throwIfAborted()
    const sessionId = openSession(context, this.#openRequest(options, 'handle'))
    if (signal) cancelWith(context, sessionId, signal)
    return new AgentSession(this.#core, sessionId, this.#functions)
  }

  #openRequest({ threadId: thread, handoff }: SessionOptions, by: 'function' | 'handle') {
    const threadId = thread === undefined ? null : parseThreadId(thread)
    const picked = handoff === undefined ? null : parseHandoff(handoff)
    const name = picked === null ? this.config.role : `@${picked}`
    const run = threadId === null || by === 'handle' ? null : name
    const known =
      threadId !== null && run !== null ? selectThread(this.#core.context.state(), threadId)?.runs : undefined
    // Picked up by a run that is taken up again: it was checked then.
    if (handoff !== undefined && !(known && run !== null && own(known, run))) this.#assertAdoptable(handoff)
    return { orchestratorId: this.id, threadId, adopt: picked, run }
  }

  #assertAdoptable(handoff: Handoff | string): void {
    const targetSessionId = parseHandoff(handoff)
    const waiting = selectSession(this.#core.context.state(), targetSessionId)
    if (!waiting?.handoff || !isSame(waiting.handoff, handoff)) throw new NotFoundError('handoff', targetSessionId)
    const isForUs = waiting.role === this.config.role
    assertArgument(isForUs, 'handoff.targetRole', waiting.role, `this orchestrator's role, ${this.config.role}`)
  }
}

/** The id of the worker that waits for it. */
function parseHandoff(handoff: Handoff | string): string {
  const targetSessionId: unknown = typeof handoff === 'string' ? handoff : (handoff as Handoff | null)?.targetSessionId
  if (typeof targetSessionId === 'string') return targetSessionId
  throw new InvalidArgumentError('handoff', handoff, 'a handoff, or the id of the worker that waits for it')
}

/** A handoff of another runtime may happen to have the same id. */
function isSame(known: Handoff, given: Handoff | string): boolean {
  return typeof given === 'string' || canonicalJson(known as never) === canonicalJson(given as never)
}

/** Names that begin with `@` are the runtime's own streams. */
function parseThreadId(threadId: string): string {
  parse(nonBlank, threadId, 'threadId')
  assertArgument(!threadId.startsWith('@'), 'threadId', threadId, 'a name that does not begin with @')
  return threadId
}
