import { initialState } from '../../../slices/state.js'
import { formatMs, plural } from '../../transcript/words.js'
import { StatisticsCounter, type Statistics, type UsageOf } from '../../transcript/statistics.js'
import { LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import type { OpenedLog } from '../io.js'
import { modelTable } from '../models.js'
import { steps } from '../scan.js'
import { formatInstant, formatSpent, plain } from '../text.js'

export const addStats: AddCommand = (define, context) => {
  define(
    {
      name: 'stats',
      summary: 'Count facts, sessions, tokens, costs, tools, failures and durations',
      args: LOG,
      notes: 'Days are those of UTC. What a fork copied is counted among the facts, and nowhere else.',
    },
    async ({ json }: JsonOption, path: string) =>
      context.withLog(path, async (opened) => {
        const statistics = await count(context, opened)
        if (json) await context.json(statistics)
        else await print(context, statistics)
        return 0
      }),
  )
}

async function count(context: CliContext, opened: OpenedLog): Promise<Statistics> {
  const counter = new StatisticsCounter()
  let last = initialState
  for await (const step of steps(opened, progressOf(context, opened))) {
    counter.add(step)
    last = step.state
  }
  return counter.finish(last)
}

const LEFT = (title: string) => ({ title })
const RIGHT = (title: string) => ({ title, align: 'right' }) as const

async function print(context: CliContext, statistics: Statistics): Promise<void> {
  const { facts, firstAt, lastAt, sessionsByStatus, usage, turnMs } = statistics
  await context.line(`${plural(facts, 'fact')}, from ${formatInstant(firstAt)} to ${formatInstant(lastAt)}`)
  const sessions = Object.entries(sessionsByStatus).map(([status, count]) => `${count} ${status}`)
  await context.line(`sessions: ${sessions.join(', ') || 'none'}`)
  await context.line(`cost: ${formatSpent(usage)}`)
  if (usage.unpricedModels.length > 0)
    await context.line(`+? no price was known for ${usage.unpricedModels.map(plain).join(', ')}`)
  const { count, p50, p95 } = turnMs
  if (p50 !== null && p95 !== null) {
    await context.line(`turns: ${count} ended, half of them within ${formatMs(p50)}, 95 % within ${formatMs(p95)}`)
  }
  await modelTable(context, usage.models)
  await usageTable(context, 'role', statistics.usageByRole)
  await usageTable(context, 'project', statistics.usageByProject)
  await usageTable(context, 'day', statistics.usageByDay)
  await toolTable(context, statistics)
  await failureTable(context, statistics)
  await factTable(context, statistics)
}

async function usageTable(context: CliContext, by: string, groups: readonly UsageOf[]): Promise<void> {
  if (groups.length === 0) return
  await context.line()
  await context.table(
    [LEFT(by), RIGHT('turns'), RIGHT('in'), RIGHT('out'), RIGHT('cost')],
    groups.map((group) => {
      const input = group.inputTokens + group.cacheReadTokens + group.cacheWriteTokens
      return [group.key ?? '-', group.turns, input, group.outputTokens, formatSpent(group)]
    }),
  )
}

async function toolTable(context: CliContext, { tools }: Statistics): Promise<void> {
  if (tools.length === 0) return
  await context.line()
  await context.table(
    [LEFT('tool'), RIGHT('started'), RIGHT('completed'), RIGHT('failed'), RIGHT('blocked')],
    tools.map(({ tool, started, completed, failed, blocked }) => [tool, started, completed, failed, blocked]),
  )
}

async function failureTable(context: CliContext, { failures }: Statistics): Promise<void> {
  if (failures.length === 0) return
  await context.line()
  await context.table(
    [LEFT('failure'), RIGHT('sessions'), RIGHT('turns'), RIGHT('retried calls')],
    failures.map(({ failureClass, sessions, turns, attempts }) => [failureClass, sessions, turns, attempts]),
  )
}

async function factTable(context: CliContext, { factsByType }: Statistics): Promise<void> {
  await context.line()
  await context.table([LEFT('fact'), RIGHT('count')], Object.entries(factsByType))
}
