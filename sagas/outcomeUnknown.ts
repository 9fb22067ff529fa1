import type { SessionId, ToolCallId } from '../slices/facts.js'
import type { Question } from '../slices/rules/answers.js'
import { findUnanswered } from '../slices/journal.js'
import { AgentRuntimeError, NotFoundError } from '../slices/rules/errors.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { answerLive, stopsSession, type Asked } from './journal.js'

/**
 * The process ended while this tool ran, and nobody knows what it did. It was not called again: whoever catches this finds out what
 * happened, and says so by one of the three methods, the first of which counts. If the session's function throws this error, the
 * session is parked, and asks again when it is taken up.
 */
export class OutcomeUnknownError extends AgentRuntimeError {
  override readonly name = 'OutcomeUnknownError'
  readonly code = 'outcome_unknown'
  readonly #settle: (live: (() => Saga<unknown>) | 'again') => Promise<unknown>
  #settled: Promise<unknown> | undefined

  constructor(
    readonly sessionId: SessionId,
    readonly toolCallId: ToolCallId,
    readonly tool: string,
    settle: (live: (() => Saga<unknown>) | 'again') => Promise<unknown>,
  ) {
    super(
      `nobody knows what tool '${tool}' (${toolCallId} of ${sessionId}) did: its process ended while it ran. ` +
        'Find out, and call resolve(value), retry() or fail(error) of this error',
    )
    this.#settle = settle
  }

  /** It did its work, and returned this: the answer from now on. */
  resolve<T>(value: T): Promise<T> {
    return this.#once(function* () {
      return value
    }) as Promise<T>
  }

  /** It did nothing that matters: calls it. Resolves to what it returns. */
  retry(): Promise<unknown> {
    return this.#once('again')
  }

  /** It failed: throws this from now on. */
  fail(error: unknown): Promise<never> {
    return this.#once(function* () {
      throw error
    }) as Promise<never>
  }

  #once(live: (() => Saga<unknown>) | 'again'): Promise<unknown> {
    return (this.#settled ??= this.#settle(live).catch((error: unknown) => {
      // That was no answer: it can still be given.
      if (stopsSession(error)) this.#settled = undefined
      throw error
    }))
  }
}

/** What it takes to call a tool again. */
export interface AskedAgain<T> extends Omit<Asked<T>, 'live'> {
  readonly idempotent: boolean
  /** Calls the tool in place of a call that was not answered. */
  callAgain(replaces: ToolCallId): Asked<T>['live']
}

/**
 * A tool that must not be called twice is not called again when nobody knows whether it was.
 *
 * @param question - `undefined`: the session's answers are not kept.
 * @returns The call without an answer that may be made again, if there is one.
 * @throws {OutcomeUnknownError}
 */
export function assertOutcomeKnown<T>(
  context: Context,
  { idempotent, callAgain, ...asked }: AskedAgain<T>,
  question: Question | undefined,
): ToolCallId | undefined {
  const { sessionId } = asked
  const call = question && context.resumptions.get(sessionId)?.takeUnanswered(question)
  if (!question || !call) return undefined
  const { toolCallId, tool } = call
  if (call.idempotent || idempotent) return toolCallId
  throw new OutcomeUnknownError(sessionId, toolCallId, tool, async (live) => {
    const { unanswered = [] } = selectSession(context.state(), sessionId)?.journal ?? {}
    if (!findUnanswered(unanswered, question)) throw new NotFoundError('call without an outcome', toolCallId)
    const settled = { ...asked, live: live === 'again' ? callAgain(toolCallId) : (live as Asked<T>['live']) }
    return context.run(answerLive(context, settled, question))
  })
}
