import * as v from 'valibot'
import type { Fact } from '../../slices/fact.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import { factsOf, type FactSource } from './factSource.js'
import { parseChanges, type WhatIfChanges } from './whatIfChanges.js'
import { WhatIfRun } from './whatIfRun.js'
import { unpriced, type WhatIfSession } from './whatIfSession.js'
import { differs, Totals, type WhatIfTotals } from './whatIfTotals.js'

export interface WhatIfOptions {
  /** Lists every session. Default false: those in which something would have been otherwise. */
  readonly all?: boolean | undefined
}

/** What recorded runs would have come to under other settings. JSON. */
export interface WhatIf {
  /** How many facts were read. */
  readonly facts: number
  /** In the order of their registration. */
  readonly sessions: readonly WhatIfSession[]
  readonly totals: WhatIfTotals
  /** Functions are not called again: what they decided stays as it was, and rules that ask them are not compared. By name. */
  readonly notEvaluated: { readonly conditions: readonly string[]; readonly guardrails: readonly string[] }
}

const optionsSchema = strictOptions({ all: v.optional(flag, false) }) satisfies v.GenericSchema<unknown, WhatIfOptions>

/**
 * What recorded runs would have come to under other settings: which turn or tool call of which session would have been refused and by
 * what rule, which policy rules would have fired, which gates would have failed, and what all of it would have cost.
 *
 * The facts are read once, and the rules of the runtime are asked at the same places. A session is followed up to its first refused
 * call; what it did after that is told as avoided, and later sessions of its thread and its project do not see it. Nothing is called,
 * and only recorded usage counts.
 *
 * @param facts - All facts of a log, from its first one on. Of a log, or of facts that are read asynchronously, a promise is returned.
 * @throws {InvalidArgumentError} A setting or an option does not fit. Names the field.
 * @throws {LogCorruptError | LogVersionError} As `replay`.
 * @example
 * const { totals } = await whatIf(log, { budgetUsd: 0.2 })
 * console.log(`${totals.stopped} sessions stopped, ${totals.avoided.costUsd} dollars less`)
 */
export function whatIf(facts: Iterable<Fact>, changes: WhatIfChanges, options?: WhatIfOptions): WhatIf
export function whatIf(
  facts: Exclude<FactSource, Iterable<Fact>>,
  changes: WhatIfChanges,
  options?: WhatIfOptions,
): Promise<WhatIf>
export function whatIf(facts: FactSource, changes: WhatIfChanges, options?: WhatIfOptions): WhatIf | Promise<WhatIf>
export function whatIf(
  source: FactSource,
  changes: WhatIfChanges,
  options: WhatIfOptions = {},
): WhatIf | Promise<WhatIf> {
  const { all } = parse(optionsSchema, options)
  const run = new WhatIfRun(parseChanges(changes))
  const facts = factsOf(source, 'facts')
  if (!(Symbol.iterator in facts)) return readAll(run, facts, all)
  for (const fact of facts) run.add(fact)
  return report(run, all)
}

async function readAll(run: WhatIfRun, facts: AsyncIterable<Fact>, all: boolean): Promise<WhatIf> {
  for await (const fact of facts) run.add(fact)
  return report(run, all)
}

function report(run: WhatIfRun, all: boolean): WhatIf {
  const totals = new Totals()
  const sessions: WhatIfSession[] = []
  const prices = { recorded: run.recordedPrices, changed: run.state.now.pricing }
  for (const tally of run.tallies.values()) {
    const session = tally.report(prices)
    totals.add(session, unpriced(tally.recorded))
    if (all || differs(session)) sessions.push(session)
  }
  const notEvaluated = { conditions: [...run.conditions].sort(), guardrails: [...run.guardrails].sort() }
  return { facts: run.facts, sessions, totals: totals.report(), notEvaluated }
}
