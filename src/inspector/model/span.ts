export type SpanKind =
  | 'session'
  | 'turn'
  /** One call of a turn or a tool that was called more than once. */
  | 'attempt'
  | 'tool'
  | 'recovery'
  /** A question to a person. */
  | 'input'
  | 'approval'
  | 'gate'
  | 'policy'
  | 'handoff'
  /** No process had it, from when it went down until another one took it up. */
  | 'parked'
  /** A budget, a usage limit or a governance limit that was exceeded, or raised. */
  | 'limit'

export type SpanStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  /** Not begun, because a rule forbade it. */
  | 'refused'
  /** By a guardrail, a hook or a person. */
  | 'blocked'
  /** Answered by an earlier turn. */
  | 'replayed'
  /** Its process ended. Nobody knows what became of it. */
  | 'interrupted'
  | 'parked'
  /** Waits for a person. */
  | 'waiting'
  /** Nobody answered in time. */
  | 'expired'
  /** Told, and nothing was stopped. */
  | 'warned'

export interface Span {
  /** Unique in its session: `turn-3`, `turn-3/2`, `tool-1`, `request-2`, `fact-17`. */
  readonly id: string
  /** The span that it is inside of. `null`: it is the session. */
  readonly parentId: string | null
  readonly kind: SpanKind
  readonly status: SpanStatus
  /** In few words: the model, the tool, the rule. */
  readonly label: string
  /** What became of it, in few words. */
  readonly detail: string | null
  /** 0: the session, 1: what it does, 2: what belongs to that. */
  readonly depth: 0 | 1 | 2
  /** Since the start of the session. */
  readonly startMs: number
  /** The same as `startMs` for what takes no time. Of what has not ended, the end of what is known of the session. */
  readonly endMs: number
  readonly startSeq: number
  /** `null`: it has not ended. */
  readonly endSeq: number | null
  /** US dollars. `null`: it has no cost of its own, or no price is known. */
  readonly costUsd: number | null
  /** How many turns and tool calls of the session ran when it began. Above 0: it runs beside others. */
  readonly beside: number
}
