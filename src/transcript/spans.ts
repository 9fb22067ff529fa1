import type { Fact } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'

const starts = [facts.turnStarted, facts.toolStarted]
const ends = [
  facts.turnCompleted,
  facts.turnFailed,
  facts.turnCancelled,
  facts.toolCompleted,
  facts.toolFailed,
  facts.toolCancelled,
  facts.toolInterrupted,
]

interface CallPayload {
  readonly sessionId: string
  readonly turnId?: string
  readonly toolCallId?: string
}

/** How long turns and tool calls take. Holds only those that are under way. */
export class CallSpans {
  readonly #startedAt = new Map<string, number>()

  /** What the call that this fact ends took, in milliseconds, waits for retries included. `null`: it ends none, or nobody knows. */
  add(fact: Fact): number | null {
    if (starts.some((kind) => kind.match(fact))) this.#startedAt.set(keyOf(fact), fact.meta.at)
    if (!ends.some((kind) => kind.match(fact))) return null
    const key = keyOf(fact)
    const startedAt = this.#startedAt.get(key)
    this.#startedAt.delete(key)
    return startedAt === undefined || isFoundLater(fact) ? null : fact.meta.at - startedAt
  }
}

/** Whether the process of a call ended before the call did. The fact was recorded when the next one opened the log. */
export function isFoundLater(fact: Fact): boolean {
  if (facts.turnCancelled.match(fact)) return fact.payload.by === 'process_ended'
  return facts.toolInterrupted.match(fact)
}

/** Of a fact about a call: its session, and the call. */
export function keyOf({ payload }: Fact): string {
  const { sessionId, turnId, toolCallId } = payload as CallPayload
  return `${sessionId}/${turnId ?? toolCallId ?? ''}`
}
