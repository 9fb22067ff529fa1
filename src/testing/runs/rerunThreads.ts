import type { Fact } from '../../../slices/fact.js'
import { sessionOpened, sessionReturned } from '../../../slices/facts.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import { createMemoryLog, type MemoryLog } from '../../log/memory.js'
import { openAgentRuntime } from '../../runtime.js'
import { ExpectationError } from '../expectationError.js'
import { interceptRuntime, type InterceptedCall, type Interceptor } from './intercept.js'
import { ReplayClock } from './replayClock.js'
import { describeQuestion, questionOf } from './question.js'

/**
 * Runs an agent on a log of which only that its functions have returned is missing: as if the process had ended right before.
 *
 * @throws {ExpectationError} It called something, or took up no thread.
 */
export async function rerunThreads(
  facts: readonly Fact[],
  rerun: (runtime: AgentRuntime<MemoryLog>) => unknown,
): Promise<void> {
  assertRecorded(facts)
  const kept = facts.filter((fact) => !sessionReturned.match(fact))
  const log = createMemoryLog({
    facts: kept.map((fact, index) => ({ ...fact, meta: { ...fact.meta, seq: index + 1 } })),
  })
  const clock = new ReplayClock({
    startAt: facts.at(-1)?.meta.at ?? 0,
    nextFactAt: () => Infinity,
    nextRank: () => Infinity,
  })
  const runtime = await openAgentRuntime({ log, clock, seed: 1, record: { results: 'json' } })
  const refusal = new Refusal()
  try {
    await rerun(interceptRuntime(runtime, refusal))
  } catch (error) {
    throw refusal.failure ?? error
  } finally {
    clock.stop()
  }
  if (refusal.failure) throw refusal.failure
  if (log.facts().some((fact) => sessionReturned.match(fact))) return
  throw new ExpectationError(
    'no thread was run again to its end: rerun() must await an agent with the threads of the log',
  )
}

/** @throws {ExpectationError} Says what the sessions would need to be run again. */
function assertRecorded(facts: readonly Fact[]): void {
  const opened = facts.filter(sessionOpened.match)
  if (opened.some(({ payload }) => payload.results === 'json')) return
  const hasThreads = opened.some(({ payload }) => payload.threadId !== null)
  throw new ExpectationError(
    hasThreads
      ? "no thread can be run again: none recorded its results (record: { results: 'json' })"
      : 'no session can be run again: none has a threadId, by which it would be found',
  )
}

/** Calls nothing. */
class Refusal implements Interceptor {
  failure: ExpectationError | undefined

  answer(intercepted: InterceptedCall): Promise<never> {
    return Promise.reject(this.#refuse(intercepted))
  }

  stream(intercepted: InterceptedCall): AsyncIterable<never> {
    throw this.#refuse(intercepted)
  }

  #refuse(intercepted: InterceptedCall): ExpectationError {
    const asked = describeQuestion(questionOf(intercepted, undefined))
    const { sessionId } = intercepted
    return (this.failure ??= new ExpectationError(
      `${sessionId} called ${asked} when it was run again: the log does not answer it`,
    ))
  }
}
