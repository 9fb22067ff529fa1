import { roundUsd } from '../../../slices/rules/prices.js'
import { totalCostUsd, type Usage } from '../../../slices/usage.js'
import { addPaid, isPaidCall } from '../../transcript/paid.js'
import { sessionIdOf, type Step } from '../../transcript/step.js'

/** Columns of one length, as chart libraries take them: one entry for each call that was paid for. Ascending. */
export interface CostSeries {
  readonly seq: readonly number[]
  /** Unix ms. */
  readonly at: readonly number[]
  /** US dollars until then. */
  readonly usd: readonly number[]
  /** Whose call it was. */
  readonly sessionId: readonly string[]
}

/** Adds up what all sessions paid. */
export class Spending {
  readonly #seq: number[] = []
  readonly #at: number[] = []
  readonly #usd: number[] = []
  readonly #sessionId: string[] = []
  #paid: Usage = []

  add({ fact, state }: Step): void {
    if (!isPaidCall(fact)) return
    this.#paid = addPaid(this.#paid, fact)
    this.#seq.push(fact.meta.seq)
    this.#at.push(fact.meta.at)
    this.#usd.push(roundUsd(totalCostUsd(this.#paid, state.pricing)))
    this.#sessionId.push(sessionIdOf(fact) ?? '')
  }

  finish(): CostSeries {
    return { seq: this.#seq, at: this.#at, usd: this.#usd, sessionId: this.#sessionId }
  }
}
