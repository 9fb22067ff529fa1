import * as v from 'valibot'
import type { Clock } from '../../sagas/clock.js'
import type { SessionId } from '../../slices/facts.js'
import { assertArgument, InvalidArgumentError } from '../../slices/rules/errors.js'
import { initialState, replayFact, type RuntimeState } from '../../slices/state.js'
import { createSystemClock } from '../clock.js'
import { nonBlank, parse, positiveCount, strictOptions } from '../config/schema.js'
import { assertSealsGoOn } from '../log/assertSealsGoOn.js'
import type { EventLog } from '../log/eventLog.js'
import { copyFacts } from './forkCopies.js'
import { ThreadFacts } from './forkThread.js'

export interface ForkOptions {
  /** The thread to copy. */
  readonly threadId: string
  /** The `seq` of the last fact to copy. Default: all that the thread has. */
  readonly at?: number | undefined
  /** What the copy is called. The log may have no thread of that name. */
  readonly as: string
  /** Says when the copy is made: its last fact is of that time, and the others as long before as they were. Default: real time. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/** What a thread was copied to. JSON. */
export interface Fork {
  readonly threadId: string
  /** Which session is a copy of which, in the order of their registration. */
  readonly sessions: readonly { readonly from: SessionId; readonly to: SessionId }[]
  /** How many facts were copied. */
  readonly facts: number
}

const words = 'a thread, whose name does not begin with @'

const name = v.pipe(
  nonBlank,
  v.check((given) => !given.startsWith('@'), words),
)

const schema = strictOptions({
  threadId: name,
  at: v.optional(positiveCount),
  as: name,
  clock: v.optional(v.custom<Pick<Clock, 'now'>>(isClock, 'an object with a function now()')),
})

/**
 * Copies what happened in a thread, up to a fact, into a new thread of the same log. What was copied was paid for once: it counts for
 * the limits of the copied sessions and of their thread, and for nothing else. Calls in flight at that fact are left out. A session
 * that had not ended can be resumed: run its agent on the copy.
 *
 * No runtime may use the log meanwhile, nor go on with it afterwards: its next fact would be refused with a `ConcurrentWriterError`.
 * Open a runtime on the log when this has resolved.
 *
 * @throws {InvalidArgumentError} An option does not fit; the log has no such thread; `as` is there already; `at` is not between the
 * first fact of the thread and the last of the log.
 * @throws {LogCorruptError | LogVersionError | LogUnavailableError | ConcurrentWriterError}
 * @example
 * const { sessions } = await fork(log, { threadId: 'user-42:essay', at: 312, as: 'user-42:essay/calmer' })
 */
export async function fork(log: EventLog, options: ForkOptions): Promise<Fork> {
  const { threadId, at = log.head(), as, clock = createSystemClock() } = parse(schema, options)
  assertArgument(log.head(as) === 0, 'as', as, 'a name that no thread of the log has')
  assertArgument(at <= log.head(), 'at', at, `at most ${log.head()}, which is the last fact of the log`)
  await assertSealsGoOn(log)
  const { thread, cut, end } = await readThread(log, threadId, at)
  const first = thread.firstSeq
  if (first === undefined) throw new InvalidArgumentError('threadId', threadId, 'a thread of the log')
  assertArgument(first <= at, 'at', at, `at least ${first}, which is the first fact of the thread`)
  const { facts, sessions } = copyFacts(thread.facts, { as, now: clock.now(), cut, end })
  log.append(as, facts, 0)
  await log.flush()
  return { threadId: as, sessions, facts: facts.length }
}

interface ReadThread {
  readonly thread: ThreadFacts
  /** The state after the last fact to copy. */
  readonly cut: RuntimeState
  readonly end: RuntimeState
}

async function readThread(log: EventLog, threadId: string, at: number): Promise<ReadThread> {
  const thread = new ThreadFacts(threadId, at)
  let cut = initialState
  let end = initialState
  for await (const fact of log.read()) {
    end = replayFact(end, fact)
    thread.add(fact)
    if (end.seq === at) cut = end
  }
  return { thread, cut, end }
}

function isClock(given: unknown): boolean {
  return typeof (given as Partial<Clock> | null)?.now === 'function'
}
