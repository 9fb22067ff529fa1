import { sessionParked } from '../slices/facts.js'
import { selectActiveSessions } from '../slices/sessions.js'
import type { Clock, Context } from './context.js'
import { SessionParkedError } from './sessionErrors.js'
import { stopSession } from './session.js'

/** What became of the sessions that were running. */
export interface Drained {
  readonly finished: number
  /** Ids of the sessions that had not ended in time. Their threads can be taken up again. */
  readonly parked: readonly string[]
}

/**
 * Lets what runs finish for so long, and parks the rest: its calls are aborted, what they used is recorded, and the sessions have
 * not ended. Workers that wait for their handoff to be picked up are left as they are.
 *
 * @param nextChange - Resolves after the next fact.
 */
export async function drain(
  context: Context,
  timeoutMs: number,
  nextChange: () => { readonly changed: Promise<void>; stop(): void },
): Promise<Drained> {
  const running = runningSessions(context)
  const deadline = afterMs(context.clock, timeoutMs)
  while (!deadline.passed() && runningSessions(context).length > 0) {
    const next = nextChange()
    await Promise.race([next.changed, deadline.promise])
    next.stop()
  }
  deadline.clear()
  const parked = runningSessions(context)
  for (const sessionId of parked) {
    context.record(sessionParked({ sessionId }))
    stopSession(context, sessionId, new SessionParkedError(sessionId))
  }
  return { finished: running.length - parked.length, parked }
}

function runningSessions(context: Context): readonly string[] {
  return selectActiveSessions(context.state())
    .filter(({ openedAt, lifecycle }) => openedAt !== null && lifecycle.parkedAt === null)
    .map(({ id }) => id)
}

function afterMs(clock: Clock, ms: number) {
  let passed = ms <= 0
  let timer: unknown
  const promise = new Promise<void>((resolve) => {
    if (passed) return resolve()
    timer = clock.setTimeout(() => {
      passed = true
      resolve()
    }, ms)
  })
  return {
    promise,
    passed: () => passed,
    clear: () => {
      if (timer !== undefined) clock.clearTimeout(timer)
    },
  }
}
