import type { Clock } from '../../sagas/clock.js'
import { isPromiseLike } from '../../sagas/effects.js'
import type { Fact } from '../../slices/fact.js'
import type { ErrorInfo } from '../../slices/rules/errors.js'
import { BatchQueue, type Told } from './batchQueue.js'
import type { SinkFailures, Way } from './failures.js'
import { SINK_ITEM_KINDS } from './settings.js'
import type { Sink, SinkItem, SinkItemKind } from './sink.js'
import { Tally } from './tally.js'

/** How far a sink is behind, and what it lost. */
export interface SinkStatus {
  readonly name: string
  /** Items that are neither delivered nor dropped yet: waiting for their batch, or for the promise of their delivery. */
  readonly queued: number
  readonly delivered: number
  /** Items that it never took: too many waited, or it failed once too often. */
  readonly dropped: number
  /** Calls of it that threw or rejected, retries included. */
  readonly failed: number
  /** How long the oldest of what is queued has been waiting, in milliseconds. 0: it is up to date. */
  readonly lagMs: number
  /** The latest, even when all is well again. `null`: there was none. */
  readonly lastError: ErrorInfo | null
}

/** One sink and what is on its way to it. */
export class Delivery {
  readonly #sink: Sink
  readonly #clock: Clock
  readonly #failures: SinkFailures
  readonly #tally = new Tally()
  /** Kinds that it is told of one by one, at once. */
  readonly #tells: ReadonlySet<SinkItemKind>
  readonly #queue: BatchQueue | undefined
  /** Promises of its methods, oldest first, each with when it was told. */
  readonly #unsettled = new Map<Promise<void>, number>()

  constructor(sink: Sink, clock: Clock, failures: SinkFailures) {
    this.#sink = sink
    this.#clock = clock
    this.#failures = failures
    this.#tells = new Set(SINK_ITEM_KINDS.filter((kind) => sink[kind] !== undefined))
    this.#queue = sink.batch && new BatchQueue(sink, { clock, tally: this.#tally, failures })
  }

  hears(kind: SinkItemKind): boolean {
    return this.#tells.has(kind) || this.#queue?.settings.wants.has(kind) === true
  }

  /** @param untold - Ways in which it is not told of this fact. */
  tell(fact: Fact, items: readonly Told[], untold: ReadonlySet<Way>): void {
    for (const told of items) {
      const { kind } = told.item
      if (this.#tells.has(kind) && !untold.has(kind)) this.#tellNow(fact, told)
      if (this.#queue?.settings.wants.has(kind) && !untold.has('batch')) this.#queue.push(told)
    }
  }

  status(): SinkStatus {
    const { delivered, dropped, failed, lastError } = this.#tally
    const [unsettledAt = Infinity] = this.#unsettled.values()
    const oldestAt = Math.min(unsettledAt, this.#queue?.oldestAt ?? Infinity)
    return {
      name: this.#sink.name,
      queued: this.#unsettled.size + (this.#queue?.length ?? 0),
      delivered,
      dropped,
      failed,
      lagMs: oldestAt === Infinity ? 0 : Math.max(0, this.#clock.now() - oldestAt),
      lastError,
    }
  }

  /** Resolves when what is on its way now was delivered or dropped. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#unsettled.keys(), this.#queue?.flushed()])
  }

  #tellNow(fact: Fact, { item, at }: Told): void {
    try {
      const returned = call(this.#sink, item)
      if (isPromiseLike(returned)) this.#await(fact, item.kind, at, returned)
      else this.#tally.delivered += 1
    } catch (thrown) {
      this.#fail(fact, item.kind, thrown)
    }
  }

  #await(fact: Fact, kind: SinkItemKind, at: number, returned: PromiseLike<unknown>): void {
    const settled: Promise<void> = Promise.resolve(returned)
      .then(
        () => void (this.#tally.delivered += 1),
        (thrown: unknown) => this.#fail(fact, kind, thrown),
      )
      .then(() => void this.#unsettled.delete(settled))
    this.#unsettled.set(settled, at)
  }

  #fail(fact: Fact, kind: SinkItemKind, thrown: unknown): void {
    const error = this.#tally.fail(thrown)
    this.#tally.dropped += 1
    this.#failures.report({ sink: this.#sink.name, way: kind, kind, error, dropped: 1, fact })
  }
}

function call(sink: Sink, item: SinkItem): unknown {
  switch (item.kind) {
    case 'fact':
      return sink.fact?.(item.fact)
    case 'event':
      return sink.event?.(item.event)
    case 'usage':
      return sink.usage?.(item.record)
  }
}
