import type { Fact } from '../../slices/fact.js'
import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import type { UsageSnapshot } from '../../slices/rules/tokens.js'

/** Observes a runtime. A sink that throws is reported in the log; the session goes on, and so do the other sinks. */
export interface Sink {
  readonly name: string
  /** Every fact, as it is in the log. */
  fact?(fact: Fact): void
  event?(event: AgentEvent): void
  usage?(record: UsageRecord): void
}

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
