import type { SessionId } from '../slices/facts.js'
import { selectActiveSessions } from '../slices/sessions.js'
import type { Clock } from './clock.js'
import type { Context } from './context.js'
import { isParked, parkSession, stopLeftovers } from './session.js'

/** What became of the sessions that were running. */
export interface Drained {
  readonly finished: number
  /** Ids of the sessions that had not ended in time. Their threads can be taken up again. */
  readonly parked: readonly string[]
}

/** What was aborted settles at once, unless a function of the user's that cannot be aborted hangs. */
const SETTLING_MS = 1_000

/**
 * Lets what runs finish for so long, and parks the rest: its calls are aborted, what they used is recorded, and the sessions have
 * not ended. What sessions that have ended left running counts too. Workers that wait for their handoff to be picked up are left
 * as they are.
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
  await Promise.race([leftoversOf(context), deadline.promise])
  deadline.clear()
  const parking = runningSessions(context).map((sessionId) => parkSession(context, sessionId))
  await settleWithin(context.clock, [...parking, ...stopLeftovers(context)])
  const parked = running.filter((sessionId) => isParked(context, sessionId))
  return { finished: running.length - parked.length, parked }
}

async function leftoversOf({ calls }: Context): Promise<void> {
  await Promise.all(calls.running().map((owner) => calls.settled(owner)))
}

function runningSessions(context: Context): readonly SessionId[] {
  return selectActiveSessions(context.state())
    .filter(({ openedAt, lifecycle }) => openedAt !== null && lifecycle.parkedAt === null)
    .map(({ id }) => id)
}

async function settleWithin(clock: Clock, settling: readonly Promise<void>[]): Promise<void> {
  const deadline = afterMs(clock, SETTLING_MS)
  await Promise.race([Promise.all(settling), deadline.promise])
  deadline.clear()
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
