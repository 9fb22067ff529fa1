import type { Clock } from '../../../sagas/clock.js'
import { nextTask } from '../../nextTask.js'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
  /**
   * `timer`: of the runtime or of the agent. `answer`: a call was answered then. `given_up`: a call was given up then, by somebody
   * who has to do so again.
   */
  readonly kind: 'timer' | 'answer' | 'given_up'
  /** Of the ends of calls: which of them it was in the recording. Infinity: it is none. */
  readonly rank: number
}

export interface ReplayClockOptions {
  /** Unix ms. */
  readonly startAt: number
  /** When the next fact was recorded that has not happened again. Infinity: all have. */
  nextFactAt(): number
  /** Of the calls that nobody has asked for yet, the rank of the one that ended first. Infinity: all have been asked for. */
  nextRank(): number
}

/** How often the event loop turns, and nothing happens, before time goes on. */
const QUIET_TASKS = 8

/** How long nothing may happen, in real milliseconds, before time passes that did not pass in the recording. */
const PATIENCE_MS = 1_000

/** Timers of a system may be early by a little. */
const EARLY_MS = 25

/**
 * The clock of a run that is replayed. It stands still as long as the program has something to do, and then goes to what is due next:
 * an answer, after as long as its call took when it was recorded, or a timer. Answers that are waited for together come in the
 * order in which they came. An answer waits for calls that ended before it and are still to come: their caller may be busy with
 * something that takes real time. A timer waits for what has happened before it in the recording, such as the answer of a person.
 */
export class ReplayClock implements Clock {
  readonly #options: ReplayClockOptions
  readonly #timers = new Set<Timer>()
  #now: number
  #changes = 0
  #isRunning = false
  #isStopped = false
  #endPatience = (): void => undefined
  /** Whether answers come in the order of the recording. Not when a call that was waited for has not come. */
  #isInOrder = true

  constructor(options: ReplayClockOptions) {
    this.#now = options.startAt
    this.#options = options
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    return this.#add({ dueAt: this.#now + delayMs, callback, kind: 'timer', rank: Infinity })
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
    this.wake()
  }

  /**
   * Resolves at this time, in its turn.
   *
   * @throws The reason of the signal.
   */
  until(dueAt: number, { kind, rank }: Pick<Timer, 'kind' | 'rank'>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#add({ dueAt, callback: () => end(resolve), kind, rank })
      const abort = (): void => {
        this.clearTimeout(timer)
        end(() => reject(signal.reason))
      }
      const end = (settle: () => void): void => {
        signal.removeEventListener('abort', abort)
        settle()
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort)
    })
  }

  /** Something happened: what is due next may be something else now. */
  wake(): void {
    this.#changes += 1
    this.#endPatience()
    if (!this.#isRunning) void this.#run()
  }

  /** Time stands still for good. */
  stop(): void {
    this.#isStopped = true
    this.#endPatience()
  }

  #add(timer: Timer): Timer {
    this.#timers.add(timer)
    this.wake()
    return timer
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#timers.size > 0 && !this.#isStopped) {
      await this.#quiet()
      const next = this.#next((timer) => this.#isNow(timer)) ?? (await this.#patient())
      if (next) this.#fire(next)
    }
    this.#isRunning = false
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer)
    // A timer that was early stays so: else the time of the replay would run ahead of the recording.
    const at = this.#isExpected(timer) ? Math.min(timer.dueAt, this.#options.nextFactAt()) : timer.dueAt
    this.#now = Math.max(this.#now, at)
    timer.callback()
  }

  #isNow(timer: Timer): boolean {
    return this.#isExpected(timer) || (timer.kind === 'answer' && !this.#isEarly(timer))
  }

  /** Whether the recording went on after this timer. */
  #isExpected({ kind, dueAt }: Timer): boolean {
    return kind === 'timer' && dueAt <= this.#options.nextFactAt() + EARLY_MS
  }

  #isEarly({ rank }: Timer): boolean {
    return this.#isInOrder && rank !== Infinity && rank > this.#options.nextRank()
  }

  #next(isMeant: (timer: Timer) => boolean): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (isMeant(timer) && (!next || isBefore(timer, next))) next = timer
    if (!next || next.rank === Infinity) return next
    // Two calls may overlap by less than what goes by between calls: then the order is that of the recording.
    for (const timer of this.#timers) if (timer.kind === 'answer' && timer.rank < next.rank) next = timer
    return next
  }

  /** The next of all timers, when nobody does anything for so long that nobody will. */
  async #patient(): Promise<Timer | undefined> {
    const seen = this.#changes
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS)
      this.#endPatience = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    if (seen !== this.#changes || this.#isStopped) return undefined
    const next = this.#next(() => true)
    if (next?.kind === 'answer') this.#isInOrder = false
    return next
  }

  async #quiet(): Promise<void> {
    for (let quiet = 0, seen = this.#changes; quiet < QUIET_TASKS; quiet += 1) {
      await nextTask()
      if (seen !== this.#changes) quiet = 0
      seen = this.#changes
    }
  }
}

/** At the same time an answer is before a timeout, and that before whoever gave up. */
function isBefore(one: Timer, other: Timer): boolean {
  if (one.dueAt !== other.dueAt) return one.dueAt < other.dueAt
  return ORDER[one.kind] < ORDER[other.kind]
}

const ORDER = { answer: 0, timer: 1, given_up: 2 } as const
