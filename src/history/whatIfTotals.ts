import { roundUsd } from '../../slices/rules/prices.js'
import type { Avoided, Compared, Stop, WhatIfSession } from './whatIfSession.js'

/** All sessions together, those included that are not listed. */
export interface WhatIfTotals {
  readonly sessions: number
  /** How many have something that is not as it was. */
  readonly differing: number
  readonly stopped: number
  readonly overran: number
  readonly allowed: number
  /** How many sessions each rule stopped, the most first. */
  readonly stoppedBy: readonly {
    readonly rule: Stop['rule']
    readonly limit: string | null
    readonly sessions: number
  }[]
  readonly costUsd: Compared<number>
  readonly avoided: Avoided
  /** How many times more and fewer each rule would have fired, by name. */
  readonly policies: readonly { readonly rule: string; readonly gained: number; readonly lost: number }[]
  /** Gates that would have failed and did not, and the reverse. */
  readonly gates: { readonly failed: number; readonly passed: number }
  /** Models that used tokens and had no price. */
  readonly unpricedModels: Compared<readonly string[]>
}

/** Whether anything would have been otherwise. */
export function differs(session: WhatIfSession): boolean {
  const { costUsd, stoppedAt, overran, allowed, policies, gates } = session
  const isOtherwise = stoppedAt !== null || overran !== null || allowed !== null
  return isOtherwise || policies.length + gates.length > 0 || costUsd.recorded !== costUsd.changed
}

/** Adds sessions up, one after the other. */
export class Totals {
  #sessions = 0
  #differing = 0
  #stopped = 0
  #overran = 0
  #allowed = 0
  readonly #cost = { recorded: 0, changed: 0 }
  readonly #avoided = { turns: 0, tools: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }
  readonly #stoppedBy = new Map<string, WhatIfTotals['stoppedBy'][number]>()
  readonly #policies = new Map<string, { rule: string; gained: number; lost: number }>()
  readonly #gates = { failed: 0, passed: 0 }
  readonly #unpriced = { recorded: new Set<string>(), changed: new Set<string>() }

  add(session: WhatIfSession, unpricedAsRecorded: readonly string[]): void {
    const { costUsd, stoppedAt, overran, allowed } = session
    this.#sessions += 1
    if (differs(session)) this.#differing += 1
    if (overran) this.#overran += 1
    if (allowed) this.#allowed += 1
    if (stoppedAt) this.#addStop(stoppedAt)
    this.#cost.recorded += costUsd.recorded
    this.#cost.changed += costUsd.changed
    for (const model of unpricedAsRecorded) this.#unpriced.recorded.add(model)
    for (const model of session.unpricedModels) this.#unpriced.changed.add(model)
    this.#addEvaluations(session)
  }

  report(): WhatIfTotals {
    return {
      sessions: this.#sessions,
      differing: this.#differing,
      stopped: this.#stopped,
      overran: this.#overran,
      allowed: this.#allowed,
      stoppedBy: [...this.#stoppedBy.values()].sort((a, b) => b.sessions - a.sessions),
      costUsd: { recorded: roundUsd(this.#cost.recorded), changed: roundUsd(this.#cost.changed) },
      avoided: { ...this.#avoided, costUsd: roundUsd(this.#avoided.costUsd) },
      policies: [...this.#policies.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1)),
      gates: { ...this.#gates },
      unpricedModels: { recorded: [...this.#unpriced.recorded].sort(), changed: [...this.#unpriced.changed].sort() },
    }
  }

  #addStop({ rule, limit, avoided }: Stop): void {
    this.#stopped += 1
    for (const field of ['turns', 'tools', 'inputTokens', 'outputTokens', 'costUsd'] as const) {
      this.#avoided[field] += avoided[field]
    }
    const name = `${rule}/${limit ?? ''}`
    this.#stoppedBy.set(name, { rule, limit, sessions: (this.#stoppedBy.get(name)?.sessions ?? 0) + 1 })
  }

  #addEvaluations({ policies, gates }: WhatIfSession): void {
    for (const { gained, lost } of policies) {
      for (const rule of gained) this.#policyOf(rule).gained += 1
      for (const rule of lost) this.#policyOf(rule).lost += 1
    }
    for (const { satisfied } of gates) this.#gates[satisfied.changed ? 'passed' : 'failed'] += 1
  }

  #policyOf(rule: string): { gained: number; lost: number } {
    const known = this.#policies.get(rule) ?? { rule, gained: 0, lost: 0 }
    this.#policies.set(rule, known)
    return known
  }
}
