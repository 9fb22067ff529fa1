import type { TurnEnded } from '../../../slices/facts.js'
import { roundUsd, type PriceList } from '../../../slices/rules/prices.js'
import { callCostUsd } from '../../transcript/paid.js'
import type { SpanStatus } from './span.js'
import type { Moment, SpanList } from './spanList.js'

/** The attempts of turns and tool calls, and what was done between them. A call that is made once has none of its own. */
export class Calls {
  /** The last attempt of each call that was called more than once. */
  readonly #attempts = new Map<string, number>()

  constructor(
    readonly spans: SpanList,
    readonly prices: PriceList,
  ) {}

  /** @param attempt - From 1. */
  failAttempt(at: Moment, callId: string, attempt: number, detail: string): void {
    const call = this.spans.find(callId)
    if (!call) return
    if (attempt === 1) this.#begin({ seq: call.startSeq, ms: call.startMs }, callId, 1)
    this.spans.end(at, attemptOf(callId, attempt), 'failed', detail)
  }

  recover(at: Moment, callId: string, told: { readonly status: SpanStatus; label: string; detail: string }): void {
    const attempt = this.#attempts.get(callId)
    const id = attempt === undefined ? `fact-${at.seq}` : recoveryOf(callId, attempt)
    const parent = this.spans.find(callId) && { parentId: callId }
    this.spans.tell(at, { id, kind: 'recovery', ...parent, ...told })
    const failed = attempt === undefined ? undefined : this.spans.find(attemptOf(callId, attempt))
    if (failed) this.spans.change(id, { startMs: failed.endMs })
  }

  /** @param attempt - From 2. The recovery before it lasts until now. */
  retry(at: Moment, callId: string, attempt: number): void {
    this.spans.change(recoveryOf(callId, attempt - 1), { endMs: at.ms })
    this.#begin(at, callId, attempt)
  }

  end(at: Moment, callId: string, status: SpanStatus, detail: string | null): void {
    const attempt = this.#attempts.get(callId)
    if (attempt !== undefined) this.spans.end(at, attemptOf(callId, attempt), status)
    this.spans.end(at, callId, status, detail)
  }

  pay(ended: TurnEnded): void {
    const costUsd = callCostUsd(ended, this.prices)
    const before = this.spans.find(ended.turnId)?.costUsd ?? 0
    if (costUsd !== null) this.spans.change(ended.turnId, { costUsd: roundUsd(before + costUsd) })
  }

  #begin(at: Moment, callId: string, attempt: number): void {
    this.#attempts.set(callId, attempt)
    const id = attemptOf(callId, attempt)
    this.spans.begin(at, { id, kind: 'attempt', parentId: callId, label: `call ${attempt}` })
  }
}

function attemptOf(callId: string, attempt: number): string {
  return `${callId}/${attempt}`
}

function recoveryOf(callId: string, attempt: number): string {
  return `${callId}/${attempt}/recovery`
}
