import type { Fact } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import type { TurnEnded } from '../../slices/facts.js'
import { roundUsd } from '../../slices/rules/prices.js'
import { hasUsage, noUsage, type UsageSnapshot } from '../../slices/rules/tokens.js'
import { selectSession } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { callCostUsd } from '../transcript/paid.js'
import type { CsvValue } from './csv.js'
import { sessionIdOf, type Step } from '../transcript/step.js'
import { isFoundLater, keyOf } from '../transcript/spans.js'

/** Gives out rows of a table as the facts go by, and at the end those of what has not ended. */
export interface RowSource {
  readonly columns: readonly string[]
  add(step: Step): readonly (readonly CsvValue[])[]
  rest(): readonly (readonly CsvValue[])[]
}

export const SESSION_COLUMNS = ['session_id', 'thread_id', 'project_id', 'role', 'phase'] as const

const TURN_COLUMNS = [
  'seq',
  ...SESSION_COLUMNS,
  'turn_id',
  'model',
  'calls',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'tool_calls',
  'cost_usd',
  'metered',
  'started_at',
  'duration_ms',
  'outcome',
  'reason',
  'copied',
] as const

interface OpenTurn {
  readonly started: Fact
  readonly about: readonly CsvValue[]
  model: string | null
  calls: number
  /** `null`: it has not ended, or its function was not called. */
  metered: boolean | null
  usage: UsageSnapshot
  /** `null`: a model without a price was used. */
  costUsd: number | null
}

type Outcome = 'completed' | 'failed' | 'cancelled' | 'refused' | 'replayed' | 'unfinished'

/** One row a turn: those that were started, in the order of their ends, and those that were refused or answered by an earlier one. */
export class TurnRows implements RowSource {
  readonly columns = TURN_COLUMNS
  readonly #open = new Map<string, OpenTurn>()

  add({ fact, state }: Step): readonly (readonly CsvValue[])[] {
    if (facts.turnStarted.match(fact)) {
      this.#open.set(keyOf(fact), opened(fact, aboutSession(fact, state)))
    } else if (facts.turnAttemptFailed.match(fact)) {
      this.#addCall(fact, state)
    } else if (facts.turnRetried.match(fact)) {
      const turn = this.#open.get(keyOf(fact))
      if (turn) turn.calls += 1
    } else if (facts.turnCompleted.match(fact)) {
      return this.#end(fact, state, 'completed', null)
    } else if (facts.turnFailed.match(fact)) {
      return this.#end(fact, state, 'failed', fact.payload.failureClass)
    } else if (facts.turnCancelled.match(fact)) {
      return this.#end(fact, state, 'cancelled', fact.payload.by)
    } else if (facts.turnRefused.match(fact)) {
      return [rowOf(opened(fact, aboutSession(fact, state)), null, fact.meta.at, 'refused', fact.payload.reason)]
    } else if (facts.turnReplayed.match(fact)) {
      return [rowOf(opened(fact, aboutSession(fact, state)), null, fact.meta.at, 'replayed', fact.payload.key)]
    }
    return []
  }

  rest(): readonly (readonly CsvValue[])[] {
    return [...this.#open.values()].map((turn) => rowOf(turn, turnIdOf(turn), null, 'unfinished', null))
  }

  #addCall({ payload, ...fact }: Fact<TurnEnded>, { pricing }: RuntimeState): OpenTurn | undefined {
    const turn = this.#open.get(keyOf({ ...fact, payload }))
    if (!turn) return undefined
    const costUsd = callCostUsd(payload, pricing)
    turn.usage = together(turn.usage, payload.usage)
    turn.costUsd = turn.costUsd === null || costUsd === null ? null : roundUsd(turn.costUsd + costUsd)
    turn.model = payload.model
    turn.metered = turn.metered !== false && payload.metered
    return turn
  }

  #end(fact: Fact<TurnEnded>, state: RuntimeState, outcome: Outcome, reason: string | null) {
    const turn = this.#addCall(fact, state)
    this.#open.delete(keyOf(fact))
    const endedAt = isFoundLater(fact) ? null : fact.meta.at
    return turn ? [rowOf(turn, fact.payload.turnId, endedAt, outcome, reason)] : []
  }
}

/** Which session a fact is about, as far as a row says. */
export function aboutSession(fact: Fact, state: RuntimeState): readonly CsvValue[] {
  const id = sessionIdOf(fact) ?? ''
  const session = selectSession(state, id)
  return [id, session?.threadId ?? null, session?.projectId ?? null, session?.role ?? '', session?.phase ?? '']
}

function opened(started: Fact<{ readonly model: string | null }>, about: readonly CsvValue[]): OpenTurn {
  const calls = facts.turnStarted.match(started) ? 1 : 0
  return { started, about, model: started.payload.model, calls, metered: null, usage: noUsage, costUsd: 0 }
}

function turnIdOf({ started }: OpenTurn): string {
  return (started.payload as { readonly turnId: string }).turnId
}

function together(a: UsageSnapshot, b: UsageSnapshot): UsageSnapshot {
  if (!hasUsage(a)) return b
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheTtl: b.cacheTtl,
    toolCalls: a.toolCalls + b.toolCalls,
  }
}

function rowOf(
  { started: { meta }, about, model, calls, usage, costUsd, metered }: OpenTurn,
  turnId: string | null,
  /** `null`: it has not ended, or nobody knows when. */
  endedAt: number | null,
  outcome: Outcome,
  reason: string | null,
): readonly CsvValue[] {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, toolCalls } = usage
  const tokens = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, toolCalls]
  const durationMs = endedAt === null ? null : endedAt - meta.at
  const when = [isoInstant(meta.at), durationMs]
  return [
    meta.seq,
    ...about,
    turnId,
    model,
    calls,
    ...tokens,
    costUsd,
    metered,
    ...when,
    outcome,
    reason,
    isCopied(meta),
  ]
}

export function isCopied({ origin }: Fact['meta']): boolean {
  return origin !== undefined
}

export function isoInstant(at: number): string | null {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
