import type { AnyFact } from '../../slices/state.js'
import type { LifecycleStatus } from '../../slices/rules/lifecycle.js'
import type { Difference } from './differences.js'

/** Part of a log. */
export interface RunSelection {
  /** Only the sessions of this thread. Default: all. */
  readonly threadId?: string | undefined
  /** Only this session. Default: all. */
  readonly sessionId?: string | undefined
}

/** What two runs have in common, and where they part. JSON. */
export interface RunDiff {
  /** Whether the same happened in both, in other words: whether all facts are the same. */
  readonly identical: boolean
  /** The first fact that is not the same. */
  readonly firstDivergence: Divergence | null
  /** In the order of `a`. What only `b` has stands where it happened there. */
  readonly facts: readonly AlignedFact[]
  /** US dollars. */
  readonly cost: CostDiff
  readonly outcome: { readonly a: RunOutcome; readonly b: RunOutcome }
  /** In the order in which they were opened in `a`, those that only `b` has at the end. */
  readonly sessions: readonly SessionDiff[]
}

export interface FactAt {
  readonly seq: number
  readonly fact: AnyFact
}

export interface AlignedFact {
  /** `changed`: the same kind of fact at the same place, with something else in it. */
  readonly kind: 'same' | 'changed' | 'only_a' | 'only_b'
  readonly a?: FactAt
  readonly b?: FactAt
  /** What is different in a changed one. Ids are named after what they stand for, prices are written out. */
  readonly changes?: readonly Difference[]
}

export interface Divergence {
  /** In the list of aligned facts. */
  readonly index: number
  /** `null`: only `b` has it. */
  readonly a: FactAt | null
  /** `null`: only `a` has it. */
  readonly b: FactAt | null
  /** The first difference: `payload.tool`. `type` where only one has the fact. */
  readonly path: string
  /** What `a` has there. `null` as well where it has nothing. */
  readonly expected: unknown
  /** What `b` has there. `null` as well where it has nothing. */
  readonly actual: unknown
}

export interface CostDiff {
  readonly a: number
  readonly b: number
  /** Above 0: `b` cost more. */
  readonly differenceUsd: number
}

/** What became of a session, or of all sessions together. */
export interface RunOutcome {
  readonly sessions: number
  /** Of the session that was opened last. `null`: there is none. */
  readonly status: LifecycleStatus | 'parked' | null
  readonly detail: string | null
  /** Turns that were started. */
  readonly turns: number
  /** Tool calls that were started. */
  readonly tools: number
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface SessionDiff {
  readonly identical: boolean
  /** `null`: only `b` has it. */
  readonly a: SessionRef | null
  /** `null`: only `a` has it. */
  readonly b: SessionRef | null
  readonly cost: CostDiff
  readonly outcome: { readonly a: RunOutcome | null; readonly b: RunOutcome | null }
}

export interface SessionRef {
  readonly sessionId: string
  readonly role: string
  readonly threadId: string | null
}
