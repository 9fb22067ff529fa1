import type { Fact } from '../../slices/fact.js'
import { isPlainObject, type Json } from '../../slices/rules/json.js'
import type { Difference } from '../history/differences.js'
import type { RuntimeState } from '../../slices/state.js'

/** Stands where something is that was said to a model, a tool or a person, or by one. */
const HIDDEN = '[content]'

/** The fields of facts that hold it. */
const CONTENT: ReadonlyMap<string, readonly string[]> = new Map([
  ['turns/kept', ['result']],
  ['turns/chunked', ['text']],
  ['inputs/requested', ['prompt']],
  ['inputs/provided', ['value']],
  ['approvals/requested', ['preview']],
  ['approvals/resolved', ['args']],
  ['calls/answered', ['outcome']],
  ['sessions/returned', ['outcome']],
  ['handoffs/issued', ['context']],
])

/** What was said, by the field it is in. Empty for most facts. */
export function contentOf(fact: Fact): readonly (readonly [string, Json])[] {
  const payload = fact.payload as Readonly<Record<string, Json | undefined>>
  const entries = (CONTENT.get(fact.type) ?? []).map((field) => [field, payload[field]] as const)
  return entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined)
}

/** The fact without what was said. */
export function withoutContent(fact: Fact): Fact {
  const said = contentOf(fact)
  if (said.length === 0) return fact
  const hidden = Object.fromEntries(said.map(([field]) => [field, HIDDEN]))
  return { ...fact, payload: { ...(fact.payload as object), ...hidden } }
}

/** A difference between two facts of one kind, without what was said. */
export function differenceWithoutContent(fact: Fact, difference: Difference): Difference {
  const [, field = ''] = /^payload\.([A-Za-z]+)/.exec(difference.path) ?? []
  if (!CONTENT.get(fact.type)?.includes(field)) return difference
  const { path } = difference
  return { path, ...('a' in difference && { a: HIDDEN }), ...('b' in difference && { b: HIDDEN }) }
}

/** A state, or a part of one, without what was said. */
export function stateWithoutContent(state: RuntimeState | object): unknown {
  return JSON.parse(JSON.stringify(state, hide))
}

const ALWAYS: ReadonlySet<string> = new Set(['prompt', 'preview', 'result'])

function hide(this: unknown, key: string, value: unknown): unknown {
  if (ALWAYS.has(key)) return HIDDEN
  // Of a recorded answer.
  if (key === 'outcome' && isPlainObject(value) && 'kind' in value) return HIDDEN
  const parent = this as { readonly status?: unknown; readonly targetSessionId?: unknown }
  if (key === 'context' && parent.targetSessionId !== undefined) return HIDDEN
  // Who waits for a person has the question for its detail.
  if (key === 'detail' && parent.status === 'waiting_for_input') return HIDDEN
  return value
}
