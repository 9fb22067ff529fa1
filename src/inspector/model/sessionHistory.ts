import { handoffIssued, sessionFailed, type SessionId } from '../../../slices/facts.js'
import type { FailureClass } from '../../../slices/rules/failures.js'
import { numberOf } from '../../../slices/rules/ids.js'
import { limitsOf } from '../../../slices/rules/limits.js'
import { reservedUsd } from '../../../slices/budgets.js'
import { roundUsd } from '../../../slices/rules/prices.js'
import { getRow } from '../../../slices/rules/table.js'
import { selectSession, sessionCostUsd, type Session } from '../../../slices/sessions.js'
import type { RuntimeState } from '../../../slices/state.js'
import type { Usage } from '../../../slices/usage.js'
import { addPaid } from '../../transcript/paid.js'
import { sessionIdOf, type Step } from '../../transcript/step.js'

/** What is known of one session, gathered while its facts were read. */
export interface SessionHistory {
  readonly sessionId: SessionId
  /** As it was when it was last heard of. `null`: no fact has registered it. */
  readonly session: Session | null
  /** The `seq` of its facts, and of the one that registered it. Ascending. */
  readonly seqs: readonly number[]
  /** Unix ms. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
  /** What its own calls used, without those that it is a copy of. */
  readonly paid: Usage
  /** Of the failure that ended it. */
  readonly failureClass: FailureClass | null
  /** The session that passed its work on to it. */
  readonly from: SessionId | null
  /** The session that it passed its work on to. */
  readonly to: SessionId | null
  /** What it had spent of its budget, wherever that changed. */
  readonly budget: readonly BudgetPoint[]
}

/** Amounts in US dollars after a fact. */
interface BudgetPoint {
  readonly seq: number
  /** Unix ms. */
  readonly at: number
  /** What counts against the budget, with what idempotency keys gave it. */
  readonly spentUsd: number
  /** Promised to calls in flight. */
  readonly reservedUsd: number
  /** `null`: none. */
  readonly budgetUsd: number | null
}

type Gathered = { -readonly [Key in keyof SessionHistory]: SessionHistory[Key] } & {
  seqs: number[]
  budget: BudgetPoint[]
}

/** Gathers the histories of all sessions in one pass. */
export class SessionHistories {
  readonly #known = new Map<SessionId, Gathered>()

  add({ fact, state }: Step): void {
    const { seq, at } = fact.meta
    const id = sessionIdOf(fact)
    const before = id === null ? null : (this.#known.get(id)?.session ?? null)
    const history = this.#touch(id, seq, at, state)
    if (!history) return
    history.paid = addPaid(history.paid, fact)
    if (mayHaveSpent(before, history.session)) addBudgetPoint(history, seq, at, state)
    if (sessionFailed.match(fact)) history.failureClass = fact.payload.failureClass
    if (!handoffIssued.match(fact)) return
    const { sessionId, targetSessionId } = fact.payload
    history.to = targetSessionId
    const target = this.#touch(targetSessionId, seq, at, state)
    if (target) target.from = sessionId
  }

  finish(): ReadonlyMap<SessionId, SessionHistory> {
    return this.#known
  }

  #touch(sessionId: SessionId | null, seq: number, at: number, state: RuntimeState): Gathered | undefined {
    if (sessionId === null) return undefined
    let history = this.#known.get(sessionId)
    if (!history) {
      history = {
        sessionId,
        session: null,
        seqs: [],
        firstAt: at,
        lastAt: at,
        paid: [],
        failureClass: null,
        from: null,
        to: null,
        budget: [],
      }
      this.#known.set(sessionId, history)
    }
    history.seqs.push(seq)
    history.lastAt = at
    history.session = selectSession(state, sessionId) ?? history.session
    return history
  }
}

/** Whether what a session has spent, or may spend, can be another than before. */
function mayHaveSpent(before: Session | null, after: Session | null): boolean {
  return (
    before?.usage !== after?.usage ||
    before?.restored !== after?.restored ||
    before?.budget !== after?.budget ||
    before?.limits !== after?.limits ||
    before?.orchestratorId !== after?.orchestratorId
  )
}

function addBudgetPoint({ budget, session }: Gathered, seq: number, at: number, state: RuntimeState): void {
  const orchestratorId = session?.orchestratorId ?? null
  if (!session || orchestratorId === null) return
  const config = getRow(state.orchestrators.rows, numberOf(orchestratorId))
  const point: BudgetPoint = {
    seq,
    at,
    spentUsd: roundUsd(sessionCostUsd(session, state.pricing)),
    reservedUsd: roundUsd(reservedUsd(session.budget)),
    budgetUsd: config ? limitsOf(config, session.limits).budgetUsd : null,
  }
  const before = budget.at(-1)
  if (before && isSame(before, point)) return
  budget.push(point)
}

function isSame(a: BudgetPoint, b: BudgetPoint): boolean {
  return a.spentUsd === b.spentUsd && a.reservedUsd === b.reservedUsd && a.budgetUsd === b.budgetUsd
}
