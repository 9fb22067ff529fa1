import type { ManualClock } from 'redux-agent-runtime/testing'

const STEP_MS = 100

/** Lets time go by until the work is done. */
export async function inTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const progress = { isDone: false }
  const done = (): void => void (progress.isDone = true)
  work.then(done, done)
  await clock.advance(0)
  while (!progress.isDone) await clock.advance(STEP_MS)
  return work
}

/** Resolves when so much time has gone by. Rejects, and leaves no timer, when it is aborted before. */
export function sleep(clock: ManualClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clock.clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
