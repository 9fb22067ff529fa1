import { costUsd, facts, replay, type Fact, type RuntimeState, type UsageSnapshot } from 'redux-agent-runtime'
import { drawTable, type Cell } from '../support/table.js'
import type { Printer } from './printer.js'

/** Everything in here is read from the log: no runtime, no orchestrator and no model is asked. */
export function printReport(print: Printer, log: readonly Fact[]): void {
  const state = replay(log)
  const table = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void => {
    print.note(print.colors.bold(title))
    print.block(drawTable(head.map(print.colors.dim), rows))
  }
  table('Turns', ['role', 'turn', 'model', 'outcome', 'in', 'cached', 'out', 'cost', 'took'], turnRows(log, state))
  table('Cost per model', ['model', 'turns', 'in', 'cached', 'out', 'cost'], modelRows(state))
  table('Circuit breakers', ['name', 'state', 'failures', 'changes of state'], breakerRows(state))
  table('The last facts', ['seq', 'at', 'stream', 'fact'], factRows(log.slice(-8)))
}

function turnRows(log: readonly Fact[], state: RuntimeState): Cell[][] {
  const roles = new Map<string, string>()
  const startedAt = new Map<string, number>()
  const rows: Cell[][] = []
  for (const fact of log) {
    if (facts.sessionOpened.match(fact)) {
      roles.set(fact.payload.sessionId, fact.payload.role)
    } else if (facts.turnStarted.match(fact)) {
      startedAt.set(turnKey(fact.payload), fact.meta.at)
    } else if (facts.turnRefused.match(fact)) {
      const { sessionId, model, reason } = fact.payload
      rows.push([roles.get(sessionId) ?? '', 'refused', model ?? '', reason, '', '', '', '', ''])
    } else if (facts.turnCompleted.match(fact) || facts.turnFailed.match(fact)) {
      const { sessionId, turnId, model, price, usage } = fact.payload
      const outcome = facts.turnFailed.match(fact) ? fact.payload.failureClass : 'completed'
      const tookMs = fact.meta.at - (startedAt.get(turnKey(fact.payload)) ?? fact.meta.at)
      const spent = [...tokenCells(usage), costCell(state, price, usage)]
      rows.push([roles.get(sessionId) ?? '', turnId, model ?? '', outcome, ...spent, `${tookMs} ms`])
    }
  }
  return rows
}

/** From integer totals per model and price, so nothing is rounded on the way. */
function modelRows(state: RuntimeState): Cell[][] {
  return state.sessions.scopes.runtime.usage.map((used) => {
    return [used.model ?? '', used.turns, ...tokenCells(used), costCell(state, used.price, used)]
  })
}

function breakerRows({ breakers }: RuntimeState): Cell[][] {
  return Object.values(breakers).map(({ name, state, failures, generation }) => [name, state, failures, generation])
}

function factRows(log: readonly Fact[]): Cell[][] {
  return log.map(({ type, meta: { seq, at, stream } }) => [seq, new Date(at).toISOString().slice(11, 23), stream, type])
}

function tokenCells({ inputTokens, cacheReadTokens, outputTokens }: UsageSnapshot): Cell[] {
  return inputTokens + cacheReadTokens + outputTokens > 0 ? [inputTokens, cacheReadTokens, outputTokens] : ['', '', '']
}

function costCell({ pricing }: RuntimeState, price: number | null, usage: UsageSnapshot): string {
  const rates = price === null ? undefined : pricing.entries[price]?.rates
  if (rates) return `$${costUsd(usage, rates).toFixed(6)}`
  return usage.inputTokens + usage.outputTokens > 0 ? 'unpriced' : ''
}

function turnKey({ sessionId, turnId }: { readonly sessionId: string; readonly turnId: string }): string {
  return `${sessionId}/${turnId}`
}
