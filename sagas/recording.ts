import type { RecordedResults } from '../slices/facts.js'
import type { AnswerKind, AnswerOutcome } from '../slices/rules/answers.js'
import { findNonJson, isPlainObject, MAX_JSON_DEPTH, type Json } from '../slices/rules/json.js'
import { describeError, tryRead } from '../slices/rules/errors.js'

/** What of results enters the log. */
export interface Recording {
  readonly results: RecordedResults
  readonly redact: Redact | undefined
}

/** What is recorded instead of a result, or of an error's message and fields. */
export type Redact = (value: Json, about: RecordedAbout) => Json

export interface RecordedAbout {
  /** What was asked for; `session` for what a session's function returned. */
  readonly kind: AnswerKind | 'session'
  /** What the caller calls it: the tool, the step, the turn's `name`. */
  readonly name: string
}

/** What the user's functions return, and nothing that the runtime says itself: its clock, its gates, what a person answered. */
const REDACTED: readonly RecordedAbout['kind'][] = ['turn', 'tool', 'step', 'session']

/** What can be recorded of a value, or where it holds something that JSON would lose. */
export type Recordable = { readonly value?: Json } | { readonly lost: string }

/** Keys of objects that hold `undefined` are left out, as JSON does; whatever else it would change is lost. */
export function recordable(value: unknown, redact: Redact | undefined, about: RecordedAbout): Recordable {
  if (value === undefined) return {}
  // Proxies and getters may throw: then it is not JSON.
  return tryRead(() => recordableJson(value, redact, about)) ?? { lost: 'it' }
}

function recordableJson(value: unknown, redact: Redact | undefined, about: RecordedAbout): Recordable {
  const kept = withoutUndefined(value)
  const path = findNonJson(kept)
  if (path !== undefined) return { lost: path || 'it' }
  if (!redact || !REDACTED.includes(about.kind)) return { value: structuredClone(kept) as Json }
  try {
    const redacted: unknown = redact(structuredClone(kept) as Json, about)
    return findNonJson(redacted) === undefined ? { value: redacted as Json } : { lost: 'what redact() returned' }
  } catch (error) {
    return { lost: `redact() threw ${describeError(error).name}, and it` }
  }
}

export function outcomeOf(recorded: Recordable): AnswerOutcome {
  return 'lost' in recorded ? { kind: 'lost' } : { kind: 'returned', ...recorded }
}

function withoutUndefined(value: unknown, ancestors = new Set<unknown>()): unknown {
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) return value
  // Deeper than JSON may be, or a cycle: whoever looks next says so.
  if (ancestors.size >= MAX_JSON_DEPTH || ancestors.has(value)) return value
  if (Object.getOwnPropertySymbols(value).length > 0) return value
  ancestors.add(value)
  const copy = isArray ? value.map((item) => withoutUndefined(item, ancestors)) : keptOf(value, ancestors)
  ancestors.delete(value)
  return copy
}

function keptOf(object: Readonly<Record<string, unknown>>, ancestors: Set<unknown>): Record<string, unknown> {
  const kept = Object.entries(object).filter(([, item]) => item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutUndefined(item, ancestors)]))
}
