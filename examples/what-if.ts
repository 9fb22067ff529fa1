import {
  createAgentRuntime,
  formatCost,
  whatIf,
  type AgentRuntime,
  type MemoryLog,
  type WhatIf,
  type WhatIfChanges,
} from 'redux-agent-runtime'
import { createManualClock } from 'redux-agent-runtime/testing'
import { runAsProgram, type Options } from './support/program.js'
import { drawTable } from './support/table.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, type Printer } from './tiny-agent/printer.js'

const SESSIONS = 1_000
const HOUR_MS = 3_600_000

const DEARER = {
  'scripted-small': { inputPerMillion: 4, outputPerMillion: 20, cacheReadPerMillion: 0.4 },
  'scripted-large': { inputPerMillion: 12, outputPerMillion: 60 },
}

/** Last night's runs, and what they would have come to at other prices and with a budget of 20 cents. Offline. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const print = createPrinter(write, color)
  print.title(
    `${SESSIONS.toLocaleString('en')} recorded sessions under other settings, offline: nothing is called for it`,
  )
  const runtime = await recordNight()
  const log = runtime.log.facts()

  print.step(1, `What all of them would have come to: ${log.length.toLocaleString('en')} facts are read for each line`)
  const settings: Readonly<Record<string, WhatIfChanges>> = {
    'other prices': { pricing: DEARER },
    '20-cent budget': { budgetUsd: 0.2 },
    both: { pricing: DEARER, budgetUsd: 0.2 },
    'at most 8 turns': { maxIterations: 8 },
  }
  const told = Object.entries(settings).map(([name, changes]) => [name, whatIf(log, changes)] as const)
  print.block(drawTable(TOTALS.map(print.colors.dim), told.map(totalCells)))

  print.step(2, 'Where 20 cents would have ended it: the ten that cost the most')
  const [, budget] = told[1] ?? []
  if (budget) printStopped(print, budget)
  return runtime
}

const TOTALS = ['settings', 'cost', 'difference', 'stopped', 'turns not made', 'saved by stopping']

function totalCells([name, { totals }]: readonly [string, WhatIf]): string[] {
  const { recorded, changed } = totals.costUsd
  const { turns, costUsd } = totals.avoided
  const difference = `${changed < recorded ? '-' : '+'}${formatCost(Math.abs(changed - recorded))}`
  return [name, formatCost(changed), difference, String(totals.stopped), String(turns), formatCost(costUsd)]
}

const STOPPED = ['session', 'thread', 'stopped at', 'recorded', 'with the budget', 'turns not made']

function printStopped(print: Printer, { sessions, totals }: WhatIf): void {
  const dearest = sessions
    .filter(({ stoppedAt }) => stoppedAt !== null)
    .sort((a, b) => b.costUsd.recorded - a.costUsd.recorded)
    .slice(0, 10)
  const rows = dearest.map(({ sessionId, threadId, costUsd, stoppedAt }) => [
    ...[sessionId, threadId ?? '', `fact ${stoppedAt?.seq ?? ''}`],
    ...[formatCost(costUsd.recorded), formatCost(costUsd.changed), String(stoppedAt?.avoided.turns ?? 0)],
  ])
  print.block(drawTable(STOPPED.map(print.colors.dim), rows))
  const { recorded, changed } = totals.costUsd
  print.note(`the night cost ${formatCost(recorded)}; with the budget it would have been ${formatCost(changed)}`)
}

/** Agents that answer tickets, most of them quickly. No budget stops those that do not. */
async function recordNight(): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock(Date.UTC(2026, 0, 5))
  const runtime = createAgentRuntime({ clock, seed: 1, retainEndedSessions: 100 })
  runtime.registerPricing(prices)
  const support = runtime.orchestrator({ role: 'support', phase: 'answer', maxIterations: 50 })
  const random = createRandom()
  for (let ticket = 1; ticket <= SESSIONS; ticket += 1) {
    if (ticket % 100 === 0) await clock.advance(HOUR_MS)
    const turns = 1 + Math.floor(24 * random() ** 5)
    await support.session(
      async (session) => {
        for (let turn = 1; turn <= turns; turn += 1) {
          const model = turn % 4 === 0 ? 'scripted-large' : 'scripted-small'
          const usage = { inputTokens: 800 + 300 * turn, outputTokens: Math.floor(100 + 400 * random()) }
          await session.runTurn(() => 'an answer', { model, usage })
          await session.runTool('searchTickets', () => 'three tickets')
        }
      },
      { threadId: `ticket-${ticket}` },
    )
  }
  return runtime
}

/** The same numbers every time, uniform in [0, 1). */
function createRandom(): () => number {
  let state = 42
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

await runAsProgram(import.meta.url, main)
