import type { Clock } from '../../sagas/clock.js'
import type { ErrorInfo } from '../../slices/rules/errors.js'
import { nameOf, type SinkFailures } from './failures.js'
import { Fifo } from './fifo.js'
import { batchSettings, retryAfterMs, type BatchSettings } from './settings.js'
import type { Sink, SinkItem, SinkItemKind } from './sink.js'
import type { Tally } from './tally.js'

/** An item on its way to sinks. */
export interface Told {
  readonly item: SinkItem
  /** Unix ms. */
  readonly at: number
}

export interface BatchQueueParts {
  readonly clock: Clock
  readonly tally: Tally
  readonly failures: SinkFailures
}

const OVERFLOW: ErrorInfo = { name: 'SinkOverflowError', code: 'sink_overflow' }

/** What waits for the `batch` method of one sink. Nothing runs, and there is no timer, while nothing waits. */
export class BatchQueue {
  readonly settings: BatchSettings
  readonly #sink: Sink
  readonly #parts: BatchQueueParts
  readonly #waiting = new Fifo<Told>()
  #inFlight: readonly Told[] = []
  #isDraining = false
  /** How many have left the line so far: for a batch, or dropped. */
  #left = 0
  /** From the first item dropped because too many wait, until half as many wait. */
  #overflow: { readonly kind: SinkItemKind; dropped: number } | undefined
  #flushes: { readonly upTo: number; readonly resolve: () => void }[] = []

  constructor(sink: Sink, parts: BatchQueueParts) {
    this.#sink = sink
    this.settings = batchSettings(sink)
    this.#parts = parts
  }

  /** Waiting or being delivered. */
  get length(): number {
    return this.#inFlight.length + this.#waiting.length
  }

  /** Unix ms. */
  get oldestAt(): number | undefined {
    return (this.#inFlight[0] ?? this.#waiting.first)?.at
  }

  push(told: Told): void {
    if (this.#waiting.length >= this.settings.maxQueued) this.#dropOldest()
    this.#waiting.push(told)
    if (this.#isDraining) return
    this.#isDraining = true
    void Promise.resolve().then(() => this.#drain())
  }

  /** Resolves when what is in the queue now was delivered or dropped. */
  flushed(): Promise<void> {
    if (!this.#isDraining) return Promise.resolve()
    const upTo = this.#left + this.#waiting.length
    return new Promise((resolve) => this.#flushes.push({ upTo, resolve }))
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#inFlight = this.#waiting.take(this.settings.maxBatch)
      this.#left += this.#inFlight.length
      await this.#deliver(Object.freeze(this.#inFlight.map(({ item }) => item)))
      this.#inFlight = []
      this.#endOverflow()
      this.#endFlushes()
    }
    this.#isDraining = false
  }

  async #deliver(items: readonly SinkItem[]): Promise<void> {
    const { clock, tally } = this.#parts
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#sink.batch?.(items)
        tally.delivered += items.length
        return
      } catch (thrown) {
        const error = tally.fail(thrown)
        if (failures > this.settings.retries) return this.#giveUp(items, error)
      }
      await new Promise<void>((resolve) => clock.setTimeout(resolve, retryAfterMs(this.settings, failures)))
    }
  }

  #giveUp(items: readonly SinkItem[], error: ErrorInfo): void {
    const { tally, failures } = this.#parts
    const { name } = this.#sink
    tally.dropped += items.length
    failures.warn(`sink '${name}' could not take ${items.length} items, which were dropped: ${nameOf(error)}`)
    this.#report(items[0]?.kind ?? 'fact', items.length, error)
  }

  #dropOldest(): void {
    const { tally, failures } = this.#parts
    const [oldest] = this.#waiting.take(1)
    if (!oldest) return
    this.#left += 1
    tally.dropped += 1
    if (this.#overflow) this.#overflow.dropped += 1
    else {
      const { name } = this.#sink
      const { maxQueued } = this.settings
      this.#overflow = { kind: oldest.item.kind, dropped: 1 }
      tally.lastError = OVERFLOW
      failures.warn(`sink '${name}' is behind: more than ${maxQueued} items wait, and the oldest are dropped`)
    }
  }

  #endOverflow(): void {
    if (!this.#overflow || this.#waiting.length * 2 > this.settings.maxQueued) return
    const { kind, dropped } = this.#overflow
    this.#overflow = undefined
    this.#report(kind, dropped, OVERFLOW)
  }

  #report(kind: SinkItemKind, dropped: number, error: ErrorInfo): void {
    this.#parts.failures.report({ sink: this.#sink.name, way: 'batch', kind, error, dropped })
  }

  /** Nothing is in flight now, so whatever has left the line is done. */
  #endFlushes(): void {
    const ended = this.#flushes.filter(({ upTo }) => upTo <= this.#left)
    this.#flushes = this.#flushes.filter(({ upTo }) => upTo > this.#left)
    for (const { resolve } of ended) resolve()
  }
}
