import { formatCost } from '../../../slices/rules/prices.js'
import { isPlainObject } from '../../../slices/rules/json.js'
import { whatIf, type WhatIf } from '../../history/whatIf.js'
import type { WhatIfChanges } from '../../history/whatIfChanges.js'
import type { Asked, Stop, WhatIfSession } from '../../history/whatIfSession.js'
import { plural } from '../../transcript/words.js'
import { CliError } from '../cliError.js'
import { amountFrom0, integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import { watched } from '../progress.js'
import { readJsonFile } from '../readJson.js'
import { formatApart, plain } from '../text.js'

interface Options extends JsonOption {
  readonly budget?: number
  readonly maxIterations?: number
  readonly pricing?: string
  readonly config?: string
  readonly all?: true
}

export const addWhatIf: AddCommand = (define, context) => {
  define(
    {
      name: 'what-if',
      summary: 'Tell what recorded sessions would have come to under other settings',
      args: LOG,
      notes: `Nothing is called: the rules are asked where they were asked, about recorded usage. The file of --config is an object
with any of pricing, budgetUsd, enforceBudget, maxIterations, usageLimits, governance, permissions, policy, qualityGate,
as one gives them to an orchestrator; the file of --pricing has its pricing: {"a-model":{"inputPerMillion":3,...}}.`,
    },
    async (options: Options, path: string) => {
      const changes = await readChanges(options)
      return context.withLog(path, async (opened) => {
        const facts = watched(opened.log.read(), progressOf(context, opened))
        const told = await whatIf(facts, changes, { all: options.all ?? false })
        if (options.json) await context.json(told)
        else await print(context, told)
        return 0
      })
    },
  )
    .option('--budget <usd>', 'an enforced budget for every session', amountFrom0)
    .option('--max-iterations <n>', 'how many turns a session may run', integerFrom(1))
    .option('--pricing <file>', 'other prices, as JSON')
    .option('--config <file>', 'other settings, as JSON')
    .option('--all', 'also list sessions in which nothing would have been otherwise')
}

async function readChanges({ budget, maxIterations, pricing, config }: Options): Promise<WhatIfChanges> {
  const given = config === undefined ? {} : await readJsonFile(config, '--config')
  if (!isPlainObject(given)) throw new CliError(`--config ${config ?? ''} is not an object of settings`)
  const changes: Record<string, unknown> = {
    ...given,
    ...(pricing !== undefined && { pricing: await readJsonFile(pricing, '--pricing') }),
    ...(budget !== undefined && { budgetUsd: budget }),
    ...(maxIterations !== undefined && { maxIterations }),
  }
  if (Object.keys(changes).length === 0)
    throw new CliError('what-if needs --budget, --max-iterations, --pricing or --config')
  // What is in the files is checked where it is used.
  return changes
}

async function print(context: CliContext, told: WhatIf): Promise<void> {
  const { totals, sessions, notEvaluated } = told
  if (sessions.length > 0) {
    await context.table(COLUMNS, sessions.map(sessionCells))
    await context.line()
  }
  await context.line(
    `${totals.differing} of ${plural(totals.sessions, 'session')} otherwise, ${totals.stopped} stopped`,
  )
  for (const { rule, limit, sessions } of totals.stoppedBy) {
    await context.line(`${plural(sessions, 'session')} stopped by ${plain(ruleOf({ rule, limit }))}`)
  }
  const { before, after, difference } = formatApart(totals.costUsd.recorded, totals.costUsd.changed)
  await context.line(`cost: ${before} -> ${after} (${difference})`)
  const { turns, tools, costUsd } = totals.avoided
  if (totals.stopped > 0) {
    await context.line(`not done: ${plural(turns, 'turn')}, ${plural(tools, 'tool call')}, ${formatCost(costUsd)}`)
  }
  for (const { rule, gained, lost } of totals.policies) {
    await context.line(`policy ${plain(rule)}: ${plural(gained, 'firing')} gained, ${lost} lost`)
  }
  if (totals.gates.failed + totals.gates.passed > 0) {
    await context.line(`gates: ${totals.gates.failed} would have failed, ${totals.gates.passed} would have passed`)
  }
  const { conditions, guardrails } = notEvaluated
  const kept = [...conditions, ...guardrails].map(plain).join(', ')
  if (kept !== '') await context.line(`functions that were not asked again: ${kept}`)
  const unpriced = totals.unpricedModels.changed.map(plain).join(', ')
  if (unpriced !== '') await context.line(`no price is known for ${unpriced}`)
}

const COLUMNS = [
  { title: 'session' },
  { title: 'thread' },
  { title: 'role' },
  { title: 'recorded', align: 'right' },
  { title: 'changed', align: 'right' },
  { title: 'otherwise' },
] as const

function sessionCells(session: WhatIfSession) {
  const { sessionId, threadId, role, costUsd } = session
  const { before, after } = formatApart(costUsd.recorded, costUsd.changed)
  return [sessionId, threadId ?? '-', role, before, after, otherwise(session).join('; ')]
}

/** In few words. What was observed, and what the limit was, is in the JSON. */
function otherwise({ stoppedAt, overran, allowed, policies, gates }: WhatIfSession): string[] {
  const isOneRule = stoppedAt !== null && overran !== null && ruleOf(stoppedAt) === ruleOf(overran)
  return [
    ...(overran ? [`over at fact ${overran.seq}${isOneRule ? '' : ` by ${ruleOf(overran)}`}`] : []),
    ...(stoppedAt ? [describeStop(stoppedAt)] : []),
    ...(allowed ? [`${askedOf(allowed)} not refused at fact ${allowed.seq} by ${allowed.rule}`] : []),
    ...(policies.length > 0 ? [plural(policies.length, 'policy evaluation')] : []),
    ...(gates.length > 0 ? [plural(gates.length, 'gate')] : []),
  ]
}

function describeStop(stop: Stop): string {
  if (stop.what === 'handoff') return `not reached: ${stop.name ?? ''} stopped`
  const asked = stop.what === 'tool' ? ` before ${askedOf(stop)}` : ''
  return `stopped${asked} at fact ${stop.seq} by ${ruleOf(stop)}`
}

function askedOf({ what, name }: Asked): string {
  return what === 'turn' || name === null ? what : `${what} ${name}`
}

function ruleOf({ rule, limit }: { readonly rule: string; readonly limit: string | null }): string {
  return limit === null ? rule : `${rule} ${limit}`
}
