import type { Fact } from '../../slices/fact.js'
import type { AnswerOutcome } from '../../slices/rules/answers.js'
import { isPlainObject, type Json } from '../../slices/rules/json.js'
import type { Lifecycle } from '../../slices/rules/lifecycle.js'
import type { Difference } from '../history/differences.js'

/** Stands where something is that was said to a model, a tool or a person, or by one. */
const HIDDEN = '[content]'

/** The fields of facts that hold it. */
const CONTENT: ReadonlyMap<string, readonly string[]> = new Map([
  ['sessions/completed', ['detail']],
  ['sessions/failed', ['detail']],
  ['sessions/cancelled', ['detail']],
  ['sessions/returned', ['outcome']],
  ['turns/kept', ['result']],
  ['turns/chunked', ['text']],
  ['inputs/requested', ['prompt']],
  ['inputs/provided', ['value']],
  ['approvals/requested', ['preview']],
  ['approvals/resolved', ['args', 'reason']],
  ['calls/answered', ['outcome']],
  ['handoffs/issued', ['reason', 'context']],
])

/** Details that the runtime writes itself. Who writes the same says nothing that the runtime would not say. */
const RUNTIME_DETAIL =
  /^(\w*(Error|Exception) raised|governance breach|signal aborted|session function was aborted|abandoned|its process ended|input (received|expired|cancelled)|handoff to \S+)$/

/** What was said, by the field it is in. Empty for most facts. */
export function contentOf(fact: Fact): readonly (readonly [string, Json])[] {
  const payload = fact.payload as Readonly<Record<string, Json | undefined>>
  const entries = (CONTENT.get(fact.type) ?? []).map((field) => [field, payload[field]] as const)
  return entries.filter(
    (entry): entry is readonly [string, Json] => entry[1] !== undefined && hidden(...entry) !== entry[1],
  )
}

/** The fact without what was said. */
export function withoutContent(fact: Fact): Fact {
  const said = contentOf(fact)
  if (said.length === 0) return fact
  const without = Object.fromEntries(said.map(([field, value]) => [field, hidden(field, value)]))
  return { ...fact, payload: { ...(fact.payload as object), ...without } }
}

/** A difference between two facts of one kind, without what was said. */
export function differenceWithoutContent(fact: Fact, difference: Difference): Difference {
  const { path } = difference
  const [, field = ''] = /^payload\.([A-Za-z]+)/.exec(path) ?? []
  if (path === 'payload.outcome.kind' || !CONTENT.get(fact.type)?.includes(field)) return difference
  return {
    path,
    ...('a' in difference && { a: hidden(field, difference.a) }),
    ...('b' in difference && { b: hidden(field, difference.b) }),
  }
}

/** Why a session is in its status. `null`: nobody said, or it is what a person is asked. */
export function detailWithoutContent({ status, detail }: Pick<Lifecycle, 'status' | 'detail'>): string | null {
  if (detail === null || status === 'waiting_for_input') return null
  return RUNTIME_DETAIL.test(detail) ? detail : HIDDEN
}

/** A state, or a part of one, without what was said. */
export function stateWithoutContent(state: object): unknown {
  return JSON.parse(JSON.stringify(state, hide))
}

const ALWAYS: ReadonlySet<string> = new Set(['prompt', 'preview', 'result'])
const OF_REQUESTS: ReadonlySet<string> = new Set(['value', 'args', 'reason'])
const OF_HANDOFFS: ReadonlySet<string> = new Set(['reason', 'context'])
const DETAILS: ReadonlySet<string> = new Set(['detail', 'lastError'])

interface Parent {
  readonly status?: unknown
  readonly requestId?: unknown
  readonly targetSessionId?: unknown
}

function hide(this: unknown, key: string, value: unknown): unknown {
  const { status, requestId, targetSessionId } = this as Parent
  if (ALWAYS.has(key) || isAnswer(value)) return hidden(key, value)
  if (DETAILS.has(key) && typeof value === 'string') {
    // Who waits for a person has the question for its detail.
    return status === 'waiting_for_input' ? HIDDEN : hidden('detail', value)
  }
  if (OF_REQUESTS.has(key) && requestId !== undefined) return HIDDEN
  if (OF_HANDOFFS.has(key) && targetSessionId !== undefined) return HIDDEN
  return value
}

function hidden(field: string, value: unknown): unknown {
  if (field === 'detail' && typeof value === 'string' && RUNTIME_DETAIL.test(value)) return value
  if (!isAnswer(value)) return HIDDEN
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'kind' ? item : HIDDEN]))
}

function isAnswer(value: unknown): value is AnswerOutcome {
  return isPlainObject(value) && ['returned', 'threw', 'lost'].includes(value['kind'] as string)
}
