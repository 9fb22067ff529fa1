import type { Clock } from '../../sagas/clock.js'
import { assertArgument } from '../../slices/rules/errors.js'

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Timers that have neither fired nor been cleared. */
  readonly pendingTimers: number
  /**
   * Moves time forward, firing the timers that are due on the way, each at its own time. What they set off has run as far as it can
   * without more time when the promise resolves.
   */
  advance(ms: number): Promise<void>
}

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/** @param startAt - Unix ms. Default 0. */
export function createManualClock(startAt = 0): ManualClock {
  let now = startAt
  const timers = new Set<Timer>()

  function nextDue(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueAt <= until && (!next || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }

  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      const timer: Timer = { dueAt: now + delayMs, callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer) => void timers.delete(timer as Timer),
    get pendingTimers() {
      return timers.size
    },
    async advance(ms) {
      assertArgument(Number.isFinite(ms) && ms >= 0, 'ms', ms, 'a number from 0')
      const until = now + ms
      await settle()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        now = timer.dueAt
        timer.callback()
        await settle()
      }
      now = until
    },
  }
}

/** Resolves when every promise that can go on without a timer or I/O has done so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
