import type { RunningCall } from './calls.js'
import type { Clock } from './clock.js'
import { isPromiseLike, type Saga } from './effects.js'

/** How a call of a user's function ended. */
export type Outcome<T> =
  | { readonly kind: 'returned'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timed_out'; readonly error: Error }
  | { readonly kind: 'aborted'; readonly reason: unknown }

/** Gives up after this long, with this error. */
export interface Timeout {
  readonly ms: number
  readonly error: Error
}

/**
 * Calls a user's function. The promise settles once, with the first of: its result, its error, the timeout, an abort. The last
 * two also abort the signal that the function was given, and do not wait for it to notice. No timer stays behind.
 */
export function invoke<T>(
  clock: Clock,
  call: RunningCall,
  run: () => T | PromiseLike<T>,
  timeout: Timeout | null,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    if (call.aborted) return resolve({ kind: 'aborted', reason: call.aborted.reason })
    let timer: unknown
    let settled = false
    const settle = (outcome: Outcome<T>): void => {
      if (settled) return
      settled = true
      if (timer !== undefined) clock.clearTimeout(timer)
      call.onAbort(undefined)
      resolve(outcome)
    }
    call.onAbort(() => settle({ kind: 'aborted', reason: call.aborted?.reason }))
    if (timeout) {
      const { ms, error } = timeout
      timer = clock.setTimeout(() => {
        settle({ kind: 'timed_out', error })
        call.renew(error)
      }, ms)
    }
    try {
      const result = run()
      if (isPromiseLike(result)) {
        result.then(
          (value) => settle({ kind: 'returned', value }),
          (error: unknown) => settle({ kind: 'threw', error }),
        )
      } else {
        settle({ kind: 'returned', value: result })
      }
    } catch (error) {
      settle({ kind: 'threw', error })
    }
  })
}

/**
 * Waits until `arm` calls back, at once or later, or until the call is aborted. What `arm` returns is called in either case.
 *
 * @throws The reason of the abort, or what `arm` rejects with.
 */
export function* until<T>(
  call: RunningCall,
  arm: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Saga<T> {
  return (yield new Promise<T>((resolve, reject) => {
    if (call.aborted) return reject(call.aborted.reason)
    let isOver = false
    let disarm: () => void = () => undefined
    const settle = (act: () => void): void => {
      if (isOver) return
      isOver = true
      call.onAbort(undefined)
      disarm()
      act()
    }
    call.onAbort(() => settle(() => reject(call.aborted?.reason)))
    const armed = arm(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
    if (isOver as boolean) armed()
    else disarm = armed
  })) as T
}

/**
 * Goes through steps that do not look for an abort themselves, such as a user's hooks, and gives them up when the call is
 * aborted: what they still wait for is ignored.
 *
 * @throws The reason of the abort.
 */
export function* unlessAborted<T>(call: RunningCall, steps: Saga<T>): Saga<T> {
  let step = steps.next()
  while (!step.done) {
    const waited = Promise.resolve(step.value)
    const settled = yield* until<PromiseSettledResult<unknown>>(call, (resolve) => {
      void Promise.allSettled([waited]).then(([outcome]) => resolve(outcome))
      return () => undefined
    })
    step = settled.status === 'fulfilled' ? steps.next(settled.value) : steps.throw(settled.reason)
  }
  call.throwIfAborted()
  return step.value
}

/** @throws The reason with which the call was aborted. */
export function* sleep(clock: Clock, call: RunningCall, ms: number): Saga<void> {
  if (ms <= 0) return
  yield* until<undefined>(call, (resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), ms)
    return () => clock.clearTimeout(timer)
  })
}
