import { openSession, sessionSaga, type SessionRequest } from '../sagas/session.js'
import { assertArgument, NotFoundError } from '../slices/rules/errors.js'
import type { Handoff } from '../slices/rules/handoff.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { selectSession } from '../slices/sessions.js'
import type { OrchestratorFunctions } from './config/orchestrator.js'
import { nonBlank, parse } from './config/schema.js'
import { AgentSession, type RuntimeCore } from './session.js'

export interface SessionOptions {
  /** The user's own durable name for a piece of work. Sessions of one thread share a stream of the log. */
  readonly threadId?: string | undefined
  /** The handoff to pick up, or the id of the worker that waits for it. */
  readonly handoff?: Handoff | string | undefined
}

export interface RunOptions extends SessionOptions {
  /** Cancels the session. Its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
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
   */
  async session<T>(run: (session: AgentSession) => T | PromiseLike<T>, options: RunOptions = {}): Promise<T> {
    assertArgument(typeof run === 'function', 'run', run, 'a function')
    const { signal } = options
    assertArgument(signal === undefined || signal instanceof AbortSignal, 'signal', signal, 'an AbortSignal')
    return this.#core.run<SessionRequest<T>, T>(sessionSaga, {
      ...this.#openRequest(options),
      run: (sessionId) => run(new AgentSession(this.#core, sessionId, this.#functions)),
      signal,
    })
  }

  /**
   * Opens a session that the caller ends: by `complete`, `fail`, `cancel`, a handoff, or by leaving an `await using` block.
   *
   * @throws {InvalidArgumentError} An option does not fit. No session was opened.
   * @throws {NotFoundError} The handoff is unknown, or somebody picked it up already.
   */
  async open(options: SessionOptions = {}): Promise<AgentSession> {
    const sessionId = openSession(this.#core.context, this.#openRequest(options))
    return new AgentSession(this.#core, sessionId, this.#functions)
  }

  #openRequest({ threadId, handoff }: SessionOptions) {
    return {
      orchestratorId: this.id,
      threadId: threadId === undefined ? null : parseThreadId(threadId),
      adopt: handoff === undefined ? null : this.#adoptable(handoff),
    }
  }

  #adoptable(handoff: Handoff | string): string {
    const targetSessionId = typeof handoff === 'string' ? handoff : handoff.targetSessionId
    const waiting = selectSession(this.#core.context.state(), targetSessionId)
    if (!waiting?.handoff) throw new NotFoundError('handoff', targetSessionId)
    const isForUs = waiting.role === this.config.role
    assertArgument(isForUs, 'handoff.targetRole', waiting.role, `this orchestrator's role, ${this.config.role}`)
    return targetSessionId
  }
}

/** Names that begin with `@` are the runtime's own streams. */
function parseThreadId(threadId: string): string {
  parse(nonBlank, threadId, 'threadId')
  assertArgument(!threadId.startsWith('@'), 'threadId', threadId, 'a name that does not begin with @')
  return threadId
}
