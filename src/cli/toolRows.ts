import type { Fact } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import type { RuntimeState } from '../../slices/state.js'
import type { CsvValue } from './csv.js'
import type { Step } from '../transcript/step.js'
import { isFoundLater, keyOf } from '../transcript/spans.js'
import { aboutSession, isCopied, isoInstant, SESSION_COLUMNS, type RowSource } from './turnRows.js'

const TOOL_COLUMNS = [
  'seq',
  ...SESSION_COLUMNS,
  'tool_call_id',
  'tool',
  'calls',
  'started_at',
  'duration_ms',
  'outcome',
  'reason',
  'copied',
] as const

interface OpenCall {
  readonly started: Fact<{ readonly tool: string; readonly toolCallId: string | null }>
  readonly about: readonly CsvValue[]
  calls: number
}

type Outcome = 'completed' | 'failed' | 'cancelled' | 'interrupted' | 'blocked' | 'unfinished'

/** One row a tool call: those that were started, in the order of their ends, and those that were blocked before. */
export class ToolRows implements RowSource {
  readonly columns = TOOL_COLUMNS
  readonly #open = new Map<string, OpenCall>()

  add({ fact, state }: Step): readonly (readonly CsvValue[])[] {
    if (facts.toolStarted.match(fact)) {
      this.#open.set(keyOf(fact), opened(fact, state, 1))
    } else if (facts.toolRetried.match(fact)) {
      const call = this.#open.get(keyOf(fact))
      if (call) call.calls += 1
    } else if (facts.toolCompleted.match(fact)) {
      return this.#end(fact, 'completed', null)
    } else if (facts.toolFailed.match(fact)) {
      return this.#end(fact, 'failed', fact.payload.error.name)
    } else if (facts.toolCancelled.match(fact)) {
      return this.#end(fact, 'cancelled', null)
    } else if (facts.toolInterrupted.match(fact)) {
      return this.#end(fact, 'interrupted', null)
    } else if (facts.toolBlocked.match(fact)) {
      const { by, toolCallId } = fact.payload
      // With an id it ran, and its result was withheld.
      return toolCallId === null
        ? [rowOf(opened(fact, state, 0), fact.meta.at, 'blocked', by.kind)]
        : this.#end(fact, 'blocked', by.kind)
    }
    return []
  }

  rest(): readonly (readonly CsvValue[])[] {
    return [...this.#open.values()].map((call) => rowOf(call, null, 'unfinished', null))
  }

  #end(fact: Fact, outcome: Outcome, reason: string | null) {
    const call = this.#open.get(keyOf(fact))
    this.#open.delete(keyOf(fact))
    const endedAt = isFoundLater(fact) ? null : fact.meta.at
    return call ? [rowOf(call, endedAt, outcome, reason)] : []
  }
}

function opened(started: OpenCall['started'], state: RuntimeState, calls: 0 | 1): OpenCall {
  return { started, about: aboutSession(started, state), calls }
}

function rowOf(
  { started: { payload, meta }, about, calls }: OpenCall,
  /** `null`: it has not ended, or nobody knows when. */
  endedAt: number | null,
  outcome: Outcome,
  reason: string | null,
): readonly CsvValue[] {
  const { toolCallId, tool } = payload
  const when = [isoInstant(meta.at), endedAt === null ? null : endedAt - meta.at]
  return [meta.seq, ...about, toolCallId, tool, calls, ...when, outcome, reason, isCopied(meta)]
}
