import { budgetExceeded } from '../../../slices/facts.js'
import type { Run } from './run.js'

/** What one session spent of its budget. The columns are of one length, as chart libraries take them. */
export interface BudgetLane {
  readonly sessionId: string
  readonly seq: readonly number[]
  /** Unix ms. */
  readonly at: readonly number[]
  /** US dollars that count against the budget, with what idempotency keys gave it. */
  readonly spentUsd: readonly number[]
  /** US dollars that were promised to calls in flight. */
  readonly reservedUsd: readonly number[]
  /** US dollars. `null`: none. */
  readonly budgetUsd: readonly (number | null)[]
  readonly exceeded: readonly BudgetExceeded[]
}

interface BudgetExceeded {
  readonly seq: number
  /** Unix ms. */
  readonly at: number
  readonly costUsd: number
  readonly budgetUsd: number
  /** False: it was told, and the session went on. */
  readonly enforced: boolean
}

/** `undefined`: there is no such session. */
export function budgetOf(run: Run, sessionId: string): BudgetLane | undefined {
  const history = run.histories.get(sessionId)
  if (!history) return undefined
  const { budget } = history
  return {
    sessionId,
    seq: budget.map(({ seq }) => seq),
    at: budget.map(({ at }) => at),
    spentUsd: budget.map(({ spentUsd }) => spentUsd),
    reservedUsd: budget.map(({ reservedUsd }) => reservedUsd),
    budgetUsd: budget.map(({ budgetUsd }) => budgetUsd),
    exceeded: history.seqs.flatMap((seq) => {
      const fact = run.factAt(seq)
      if (!fact || !budgetExceeded.match(fact)) return []
      const { costUsd, budgetUsd, enforced } = fact.payload
      return [{ seq, at: fact.meta.at, costUsd, budgetUsd, enforced }]
    }),
  }
}
