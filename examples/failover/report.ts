import Table from 'cli-table3'
import { facts, type Fact } from 'redux-agent-runtime'
import type { Printer } from '../tiny-agent/printer.js'

/** What became of each attempt of each turn. Read from the log: nobody else is asked. */
export function printAttempts(print: Printer, log: readonly Fact[]): void {
  const table = new Table({
    head: ['turn', 'attempt', 'provider', 'what was done before', 'waited', 'outcome'].map(print.colors.dim),
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  })
  table.push(...attemptRows(log))
  print.note(print.colors.bold('Attempts'))
  print.block(table.toString())
}

interface Attempt {
  readonly cells: readonly (string | number)[]
  outcome: string
}

function attemptRows(log: readonly Fact[]): (string | number)[][] {
  const attempts: Attempt[] = []
  const latest = new Map<string, Attempt>()
  const begin = (turnId: string, cells: readonly (string | number)[]): void => {
    const attempt = { cells: [turnId, ...cells], outcome: '' }
    attempts.push(attempt)
    latest.set(turnId, attempt)
  }
  const end = (turnId: string, outcome: string): void => {
    const attempt = latest.get(turnId)
    if (attempt) attempt.outcome = outcome
  }
  for (const fact of log) {
    if (facts.turnStarted.match(fact)) {
      const { turnId, route } = fact.payload
      begin(turnId, [1, route?.provider ?? '', '', ''])
    } else if (facts.turnRetried.match(fact)) {
      const { turnId, attempt, route, steps, waitedMs } = fact.payload
      begin(turnId, [attempt, route?.provider ?? '', steps.join(', ') || 'a person said so', `${waitedMs} ms`])
    } else if (facts.turnAttemptFailed.match(fact)) {
      end(fact.payload.turnId, fact.payload.scenario)
    } else if (facts.turnCompleted.match(fact)) {
      end(fact.payload.turnId, 'answered')
    }
  }
  return attempts.map(({ cells, outcome }) => [...cells, outcome])
}
