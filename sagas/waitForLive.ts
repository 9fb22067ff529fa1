import type { SessionId } from '../slices/facts.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import type { Saga } from './effects.js'
import { until } from './invoke.js'
import { goesOn } from './session.js'
import type { TimeTravel } from './timeTravel.js'

/**
 * Holds a call of a session back until the store is live.
 *
 * @throws {TimeTravellingError} Calls are to be rejected.
 */
export function* waitForLive(context: Context, sessionId: SessionId, signal: AbortSignal | undefined): Saga<void> {
  if (context.timeTravel.isLive() || signal?.aborted || !goesOn(context, sessionId)) return
  rejectIfAsked(context.timeTravel)
  const call = context.calls.begin(sessionId, signal)
  try {
    yield* holdBack(context, call)
  } finally {
    call.end()
  }
}

/** Holds the next attempt of a call back until the store is live. What has begun waits, and is not rejected. */
export function* holdBack({ timeTravel }: Context, call: RunningCall): Saga<void> {
  while (!timeTravel.isLive()) yield* until<undefined>(call, (resolve) => timeTravel.onLive(() => resolve(undefined)))
}

/**
 * Holds a session back that is to be opened.
 *
 * @throws {TimeTravellingError} Calls are to be rejected.
 * @throws {RuntimeDrainingError} The runtime goes down meanwhile.
 * @throws The reason of the signal, when it is aborted meanwhile.
 */
export function* waitToOpen({ timeTravel, draining }: Context, signal: AbortSignal | undefined): Saga<void> {
  if (timeTravel.isLive()) return
  const givenUp = AbortSignal.any(signal ? [signal, draining] : [draining])
  rejectIfAsked(timeTravel)
  while (!timeTravel.isLive()) yield liveOrAborted(timeTravel, givenUp)
}

function liveOrAborted(timeTravel: TimeTravel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Somebody may have gone back again, and given up, before who waited went on.
    if (signal.aborted) return reject(signal.reason)
    const abort = (): void => {
      stop()
      reject(signal.reason)
    }
    const stop = timeTravel.onLive(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    signal.addEventListener('abort', abort, { once: true })
  })
}

function rejectIfAsked(timeTravel: TimeTravel): void {
  if (timeTravel.calls === 'reject') throw timeTravel.error()
}
