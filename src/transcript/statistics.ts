import type { Fact } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import { rows } from '../../slices/rules/table.js'
import { selectSession } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { summarizeUsage, type Usage, type UsageSummary } from '../../slices/usage.js'
import { statusOf } from '../history/run.js'
import { addPaid, isPaidCall } from './paid.js'
import { percentile } from './percentiles.js'
import { sessionIdOf, type Step } from './step.js'
import { CallSpans } from './spans.js'

/** What is told of a log. JSON. What a fork copied is counted among the facts, and nowhere else. */
export interface Statistics {
  readonly facts: number
  /** Unix ms. `null`: there are no facts. */
  readonly firstAt: number | null
  /** Unix ms. */
  readonly lastAt: number | null
  readonly factsByType: Readonly<Record<string, number>>
  readonly sessionsByStatus: Readonly<Record<string, number>>
  readonly usage: UsageSummary
  readonly usageByRole: readonly UsageOf[]
  readonly usageByProject: readonly UsageOf[]
  /** By day, in UTC. */
  readonly usageByDay: readonly UsageOf[]
  readonly tools: readonly ToolStatistics[]
  readonly failures: readonly FailureStatistics[]
  /** Of turns that have ended, waits for retries included. Those whose process ended are left out: nobody knows when they did. */
  readonly turnMs: { readonly count: number; readonly p50: number | null; readonly p95: number | null }
}

/** What one role, project or day used. `key` is `null` for sessions without a project. */
export interface UsageOf extends UsageSummary {
  readonly key: string | null
}

interface ToolStatistics {
  readonly tool: string
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly blocked: number
}

interface FailureStatistics {
  readonly failureClass: string
  readonly sessions: number
  readonly turns: number
  /** Calls that failed, whose turn went on. */
  readonly attempts: number
}

type Counts<Name extends string> = Map<string, Record<Name, number>>

/** Counts a log in one pass. Holds sums, and a number for each turn. */
export class StatisticsCounter {
  readonly #types = new Map<string, number>()
  readonly #spans = new CallSpans()
  readonly #turnMs: number[] = []
  readonly #tools: Counts<'started' | 'completed' | 'failed' | 'blocked'> = new Map()
  readonly #failures: Counts<'sessions' | 'turns' | 'attempts'> = new Map()
  readonly #usage = {
    role: new Map<string, Usage>(),
    project: new Map<string | null, Usage>(),
    day: new Map<string, Usage>(),
  }
  #firstAt: number | null = null
  #lastAt: number | null = null

  add({ fact, state }: Step): void {
    const { at, origin } = fact.meta
    this.#firstAt ??= at
    this.#lastAt = at
    increment(this.#types, fact.type)
    if (origin !== undefined) return
    const tookMs = this.#spans.add(fact)
    if (tookMs !== null && fact.type.startsWith('turns/')) this.#turnMs.push(tookMs)
    this.#countTool(fact)
    this.#countFailure(fact)
    if (isPaidCall(fact)) this.#countUsage(fact, state)
  }

  finish(state: RuntimeState): Statistics {
    const prices = state.pricing
    const { role, project, day } = this.#usage
    const summarize = (groups: ReadonlyMap<string | null, Usage>) =>
      [...groups].sort(byKey).map(([key, usage]) => ({ key, ...summarizeUsage(usage, prices) }))
    const turnMs = this.#turnMs.sort((a, b) => a - b)
    return {
      facts: state.seq,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      factsByType: Object.fromEntries([...this.#types].sort(byCount)),
      sessionsByStatus: sessionsByStatus(state),
      usage: summarizeUsage(state.sessions.scopes.runtime.usage, prices),
      usageByRole: summarize(role),
      usageByProject: summarize(project),
      usageByDay: summarize(day),
      tools: [...this.#tools].map(([tool, counts]) => ({ tool, ...counts })).sort((a, b) => b.started - a.started),
      failures: [...this.#failures]
        .map(([failureClass, counts]) => ({ failureClass, ...counts }))
        .sort((a, b) => b.turns + b.attempts + b.sessions - (a.turns + a.attempts + a.sessions)),
      turnMs: { count: turnMs.length, p50: percentile(turnMs, 0.5), p95: percentile(turnMs, 0.95) },
    }
  }

  #countUsage(fact: Fact, state: RuntimeState): void {
    const session = selectSession(state, sessionIdOf(fact) ?? '')
    const project = session?.projectId ?? null
    const { role, project: projects, day } = this.#usage
    count(role, session?.role ?? '')
    count(projects, project === null ? null : String(project))
    count(day, dayOf(fact.meta.at))

    function count<Key>(usage: Map<Key, Usage>, key: Key): void {
      usage.set(key, addPaid(usage.get(key) ?? [], fact))
    }
  }

  #countTool(fact: Fact): void {
    const { tool } = fact.payload as { readonly tool?: string }
    if (tool === undefined) return
    const counts = this.#tools.get(tool) ?? { started: 0, completed: 0, failed: 0, blocked: 0 }
    this.#tools.set(tool, counts)
    if (facts.toolStarted.match(fact)) counts.started += 1
    if (facts.toolCompleted.match(fact)) counts.completed += 1
    if (facts.toolFailed.match(fact)) counts.failed += 1
    if (facts.toolBlocked.match(fact)) counts.blocked += 1
  }

  #countFailure(fact: Fact): void {
    const { failureClass } = fact.payload as { readonly failureClass?: string }
    if (failureClass === undefined) return
    const counts = this.#failures.get(failureClass) ?? { sessions: 0, turns: 0, attempts: 0 }
    this.#failures.set(failureClass, counts)
    if (facts.sessionFailed.match(fact)) counts.sessions += 1
    if (facts.turnFailed.match(fact)) counts.turns += 1
    if (facts.turnAttemptFailed.match(fact)) counts.attempts += 1
  }
}

/** Those included that were forgotten. */
export function sessionsByStatus({ sessions }: RuntimeState): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const [status, count] of Object.entries(sessions.evicted)) if (count > 0) counts.set(status, count)
  for (const session of rows(sessions.rows)) increment(counts, statusOf(session))
  return Object.fromEntries(counts)
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function dayOf(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 10)
}

function byKey([a]: readonly [string | null, unknown], [b]: readonly [string | null, unknown]): number {
  return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true })
}

function byCount([a, x]: readonly [string, number], [b, y]: readonly [string, number]): number {
  return y - x || (a < b ? -1 : 1)
}
