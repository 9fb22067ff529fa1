import type { Fact } from '../../slices/fact.js'
import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import type { UsageSnapshot } from '../../slices/rules/tokens.js'

/**
 * Observes a runtime. A sink that throws or rejects is reported in the log; the session goes on, and so do the other sinks.
 *
 * `fact`, `event` and `usage` are told of one thing at once, after it was reduced. They may return a promise, which no turn waits
 * for. `batch` is for durable destinations: it has a queue, is called in the background and is asked again when it fails.
 */
export interface Sink {
  readonly name: string
  /** Every fact, as it is in the log. */
  fact?(fact: Fact): unknown
  event?(event: AgentEvent): unknown
  usage?(record: UsageRecord): unknown
  /**
   * Takes what has gathered since the batch before, oldest first. One call at a time: the next one waits for the promise of this
   * one. A batch that fails is given again as the same array, so some of it may arrive twice.
   */
  batch?(items: readonly SinkItem[]): unknown
  /** What `batch` is for. Default: all kinds. */
  readonly wants?: readonly SinkItemKind[] | undefined
  /** The most items in one batch. Default 500. */
  readonly maxBatch?: number | undefined
  /** How many items may wait for their batch. Beyond that the oldest are dropped, which is reported. Default 10,000. */
  readonly maxQueued?: number | undefined
  /** How often a batch that failed is tried again before it is dropped, which is reported. Default 3. */
  readonly retries?: number | undefined
  /** Before the first retry, in milliseconds. Doubled before each further one, up to 30,000. Default 1,000. */
  readonly retryDelayMs?: number | undefined
}

/** One thing that a sink takes in a batch. */
export type SinkItem =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'event'; readonly event: AgentEvent }
  | { readonly kind: 'usage'; readonly record: UsageRecord }

export type SinkItemKind = SinkItem['kind']

/** What one turn used. */
export interface UsageRecord {
  readonly sessionId: string
  readonly turnId: string
  readonly role: string
  readonly projectId: number | null
  /** `null`: the turn named none. */
  readonly model: string | null
  readonly usage: UsageSnapshot
  /** US dollars. 0 when `priced` is false. */
  readonly costUsd: number
  readonly priced: boolean
  /** Unix ms. */
  readonly at: number
}
