import type { SessionId } from '../../slices/facts.js'
import { roundUsd, type PriceList } from '../../slices/rules/prices.js'
import type { QualityLevel } from '../../slices/rules/quality.js'
import { hasUsage } from '../../slices/rules/tokens.js'
import { totalCostUsd, type Usage } from '../../slices/usage.js'
import type { RuleRefusal } from './whatIfRules.js'

/** Something as it was, and as it would have been. */
export interface Compared<T> {
  readonly recorded: T
  readonly changed: T
}

/** Where something was asked for. */
export interface Asked {
  /** Of the fact. */
  readonly seq: number
  /** `handoff`: the session that the work came from had been stopped before it passed it on. */
  readonly what: 'turn' | 'tool' | 'handoff'
  /** The model, the tool, or the session that was stopped. `null`: the turn named no model. */
  readonly name: string | null
}

/** The first call of a session that would have been refused. */
export interface Stop extends Asked, Omit<RuleRefusal, 'rule'> {
  readonly rule: RuleRefusal['rule'] | 'source_stopped'
  /** What the session did from there on, at the changed prices. */
  readonly avoided: Avoided
}

export interface Avoided {
  readonly turns: number
  readonly tools: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
}

/** A turn that was made and took its session over. Its caller would have got an error with its result. */
export interface Overrun extends RuleRefusal {
  readonly seq: number
  readonly turnId: string
}

/** A call that was refused and would be made. What would have come of it is not known. */
export interface Allowed extends Asked {
  /** Why it was refused: the reason of the turn, or the kind of the tool's block. */
  readonly rule: string
}

/** An evaluation of a policy in which other rules fire. */
export interface PolicyDifference {
  readonly seq: number
  /** Rules that would have fired and did not. */
  readonly gained: readonly string[]
  /** Rules that fired and would not have. */
  readonly lost: readonly string[]
}

/** A gate with another outcome. */
export interface GateDifference {
  readonly seq: number
  readonly observed: QualityLevel | null
  readonly required: Compared<QualityLevel>
  readonly satisfied: Compared<boolean>
}

/** One session, as it was and under the changes. */
export interface WhatIfSession {
  readonly sessionId: SessionId
  readonly role: string
  readonly threadId: string | null
  readonly projectId: number | null
  /** What it paid, in US dollars. What idempotency keys gave it, or a fork copied, was paid by others. */
  readonly costUsd: Compared<number>
  readonly stoppedAt: Stop | null
  /** The first one that was none in the recorded run. */
  readonly overran: Overrun | null
  readonly allowed: Allowed | null
  readonly policies: readonly PolicyDifference[]
  readonly gates: readonly GateDifference[]
  /** Models that used tokens and have no price under the changes: their cost is not known. */
  readonly unpricedModels: readonly string[]
}

/** What is known of one session while facts are read. */
export class SessionTally {
  threadId: string | null = null
  /** What it used and paid for: as recorded, under the changes, and after it was stopped. */
  recorded: Usage = []
  changed: Usage = []
  avoided: Usage = []
  avoidedTurns = 0
  avoidedTools = 0
  /** What it used of which it is a copy. */
  copied: Usage = []
  stoppedAt: Omit<Stop, 'avoided'> | null = null
  /** Calls and questions that were in flight when it was stopped. They run to their end. */
  begun: ReadonlySet<string> = new Set()
  overran: Overrun | null = null
  allowed: Allowed | null = null
  /** A tool call that governance blocked, until it is known by which limit. */
  blocked: Asked | null = null
  readonly policies: PolicyDifference[] = []
  readonly gates: GateDifference[] = []

  constructor(
    readonly sessionId: SessionId,
    public role: string,
    public projectId: number | null,
  ) {}

  stop(asked: Asked, refusal: Omit<Stop, keyof Asked | 'avoided'>, begun: Iterable<string> = []): void {
    this.stoppedAt = { ...asked, ...refusal }
    this.begun = new Set(begun)
  }

  /** @param prices - The recorded ones, and those under the changes. */
  report(prices: Compared<PriceList>): WhatIfSession {
    const { sessionId, role, threadId, projectId, overran, allowed, policies, gates } = this
    return {
      ...{ sessionId, role, threadId, projectId },
      costUsd: {
        recorded: roundUsd(totalCostUsd(this.recorded, prices.recorded)),
        changed: roundUsd(totalCostUsd(this.changed, prices.changed)),
      },
      stoppedAt: this.stoppedAt && { ...this.stoppedAt, avoided: this.#avoided(prices.changed) },
      ...{ overran, allowed, policies, gates },
      unpricedModels: unpriced(this.changed),
    }
  }

  #avoided(prices: PriceList): Avoided {
    const count = (field: 'inputTokens' | 'outputTokens') => this.avoided.reduce((sum, entry) => sum + entry[field], 0)
    return {
      turns: this.avoidedTurns,
      tools: this.avoidedTools,
      inputTokens: count('inputTokens'),
      outputTokens: count('outputTokens'),
      costUsd: roundUsd(totalCostUsd(this.avoided, prices)),
    }
  }
}

export function unpriced(usage: Usage): readonly string[] {
  const models = usage.filter((entry) => entry.price === null && hasUsage(entry)).map(({ model }) => model)
  return [...new Set(models.map((model) => model ?? 'unspecified'))]
}
