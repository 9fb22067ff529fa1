import { MAX_DELAY_MS, type Clock } from '../sagas/clock.js'
import { assertArgument } from '../slices/rules/errors.js'
import {
  assertBucket,
  assertTokens,
  available,
  createBucket,
  RateLimitExceededError,
  take,
  tryTake,
  waitMs,
  type BucketSettings,
} from '../slices/rules/tokenBucket.js'
import { createSystemClock } from './clock.js'

export interface TokenBucketOptions extends BucketSettings {
  /** Errors name it. */
  readonly name: string
  /** Default: real time. */
  readonly clock?: Clock | undefined
}

export interface AcquireOptions {
  /** The longest wait, in milliseconds. When it takes longer, that is known and thrown at once. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Gives up the place in the queue. */
  readonly signal?: AbortSignal | undefined
}

export interface TokenBucketHandle {
  readonly name: string
  /** Takes the tokens, 1 by default, if they are there and nobody is waiting for any. */
  tryAcquire(tokens?: number): boolean
  /**
   * Waits for the tokens, 1 by default, and takes them. First come, first served: small requests do not overtake a large one.
   *
   * @throws {RateLimitExceededError} More than the bucket holds, or more than it will have in time.
   * @throws What the signal was aborted with.
   */
  acquire(tokens?: number, options?: AcquireOptions): Promise<void>
  /** The tokens that are there. */
  available(): number
}

interface Waiter {
  readonly tokens: number
  readonly signal: AbortSignal | undefined
  /** Leaves the queue, with the tokens or without. */
  leave(granted: boolean): void
}

/**
 * A token bucket by itself, full at first: so many calls or tokens at once, and so many per second in the long run.
 *
 * @throws {InvalidArgumentError} A blank name, a capacity or a rate that is not finite and above 0.
 * @example
 * const requests = createTokenBucket({ name: 'rpm', capacity: 60, refillPerSecond: 1 })
 * await requests.acquire(1, { timeoutMs: 5_000 })
 */
export function createTokenBucket(options: TokenBucketOptions): TokenBucketHandle {
  assertBucket(options)
  const { name, clock = createSystemClock() } = options
  let bucket = createBucket(options, clock.now())
  const queue: Waiter[] = []
  let timer: { readonly id: unknown } | undefined

  function takeNow(tokens: number): boolean {
    const taken = tryTake(bucket, tokens, clock.now())
    if (taken) bucket = taken
    return taken !== undefined
  }

  /** Holds at any time: there is a timer exactly when somebody waits, and it is for the first in the queue. */
  function serve(): void {
    if (timer) clock.clearTimeout(timer.id)
    timer = undefined
    for (let first = queue[0]; first; first = queue[0]) {
      if (first.signal?.aborted) first.leave(false)
      else if (takeNow(first.tokens)) first.leave(true)
      else {
        const delayMs = waitMs(bucket, first.tokens, clock.now())
        timer = { id: clock.setTimeout(serve, Math.min(delayMs, MAX_DELAY_MS)) }
        return
      }
    }
  }

  /** How long a request that comes now waits, behind those who came before. */
  function neededMs(tokens: number): number {
    const now = clock.now()
    const promised = queue.reduce((sum, waiter) => sum + waiter.tokens, 0)
    return waitMs(take(bucket, promised, now), tokens, now)
  }

  function enqueue(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiter.leave(false)
        serve()
      }
      const waiter: Waiter = {
        tokens,
        signal,
        leave(granted) {
          queue.splice(queue.indexOf(waiter), 1)
          signal?.removeEventListener('abort', onAbort)
          if (granted) resolve()
          else reject(signal?.reason)
        },
      }
      signal?.addEventListener('abort', onAbort)
      queue.push(waiter)
      if (queue.length === 1) serve()
    })
  }

  function tryAcquire(tokens = 1): boolean {
    assertTokens(tokens)
    return tokens === 0 || (queue.length === 0 && takeNow(tokens))
  }

  return {
    name,
    tryAcquire,
    async acquire(tokens = 1, { timeoutMs = Infinity, signal } = {}) {
      assertArgument(timeoutMs >= 0, 'timeoutMs', timeoutMs, 'a number from 0')
      signal?.throwIfAborted()
      if (tryAcquire(tokens)) return
      const needed = neededMs(tokens)
      if (needed === Infinity) throw new RateLimitExceededError(name, tokens, null)
      if (needed > timeoutMs) throw new RateLimitExceededError(name, tokens, needed)
      await enqueue(tokens, signal)
    },
    available: () => available(bucket, clock.now()),
  }
}
