import type { Clock } from '../sagas/clock.js'

/** Real time. When the machine's clock is set back, time stands still until it has caught up. */
export function createSystemClock(): Clock {
  let latest = 0
  return {
    now: () => (latest = Math.max(latest, Date.now())),
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
    clearTimeout: (timer) => {
      clearTimeout(timer as ReturnType<typeof setTimeout>)
    },
  }
}
