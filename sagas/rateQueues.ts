import type { RateTokens, RateWait } from '../slices/rateLimits.js'
import { MAX_DELAY_MS, type Clock } from './clock.js'

/** Who waits for a rate limit, first come, first served. Not state: a wait cannot be replayed. */
export class RateQueues {
  readonly #queues = new Map<string, RateQueue>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(name: string): RateQueue {
    let queue = this.#queues.get(name)
    if (!queue) this.#queues.set(name, (queue = new RateQueue(this.#clock)))
    return queue
  }
}

export interface RateWaiter {
  readonly tokens: RateTokens
  /** When it gives up, in Unix ms. */
  readonly deadline: number
  /** How long it has to wait from now on, in milliseconds, if nobody else takes anything. */
  waitMs(): number
  /** Its turn has come. */
  serve(): void
  /** It would wait beyond its deadline. */
  refuse(wait: RateWait): void
}

/** Holds at any time: there is a timer exactly when somebody waits, and it is for the first in the queue. */
export class RateQueue {
  readonly #clock: Clock
  readonly #waiters: RateWaiter[] = []
  #timer: { readonly id: unknown } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get waiters(): readonly RateWaiter[] {
    return this.#waiters
  }

  add(waiter: RateWaiter): void {
    this.#waiters.push(waiter)
    if (this.#waiters.length === 1) this.serve()
  }

  remove(waiter: RateWaiter): void {
    const index = this.#waiters.indexOf(waiter)
    if (index < 0) return
    this.#waiters.splice(index, 1)
    if (index === 0) this.serve()
  }

  /** Lets all go whose turn has come. To be called when there may be more tokens than time alone brings. */
  serve(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      const waitMs = first.waitMs()
      if (waitMs > 0) return this.#wakeAfter(Math.min(waitMs, MAX_DELAY_MS))
      this.#waiters.shift()
      first.serve()
    }
    this.#clearTimer()
  }

  #wakeAfter(delayMs: number): void {
    this.#clearTimer()
    this.#timer = { id: this.#clock.setTimeout(() => this.serve(), delayMs) }
  }

  #clearTimer(): void {
    if (this.#timer) this.#clock.clearTimeout(this.#timer.id)
    this.#timer = undefined
  }
}
