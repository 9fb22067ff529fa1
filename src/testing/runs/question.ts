import type { RecordedAbout, Redact } from '../../../sagas/recording.js'
import { outcomeOf, recordable } from '../../../sagas/recording.js'
import { tryRead } from '../../../slices/rules/errors.js'
import { findNonJson, isPlainObject, MAX_JSON_DEPTH, type Json } from '../../../slices/rules/json.js'
import type { InterceptedCall } from './intercept.js'
import type { CallQuestion } from './recordedRun.js'

/** What a call asks, as it is recorded. */
export function questionOf(intercepted: InterceptedCall, redact: Redact | undefined): CallQuestion {
  const { kind, name } = intercepted
  const about = { kind, name }
  if (kind === 'step') return { ...about, attempt: 1 }
  if (kind === 'tool') {
    const { args, attempt } = intercepted.call
    return { ...about, attempt, ...inputOf(args, redact, about) }
  }
  const { input, attempt, model, provider } = intercepted.call
  return {
    ...about,
    attempt,
    ...(model !== null && { model }),
    ...(provider !== null && { provider }),
    ...inputOf(input, redact, about),
  }
}

/** Parts that are not JSON, such as functions, do not count. */
function inputOf(given: unknown, redact: Redact | undefined, about: RecordedAbout): { readonly input?: Json } {
  const outcome = outcomeOf(
    recordable(
      tryRead(() => jsonIn(given)),
      redact,
      about,
    ),
  )
  return outcome.kind === 'returned' && outcome.value !== undefined ? { input: outcome.value } : {}
}

/** What of a value is JSON. */
function jsonIn(value: unknown, ancestors: readonly unknown[] = []): unknown {
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) return findNonJson(value) === undefined ? value : undefined
  if (ancestors.length >= MAX_JSON_DEPTH || ancestors.includes(value)) return undefined
  const inside = [...ancestors, value]
  if (isArray) return value.map((item) => jsonIn(item, inside) ?? null)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonIn(item, inside)]))
}

/** `turn 'draft' on gpt-x` */
export function describeQuestion({ kind, name, model, attempt }: CallQuestion): string {
  const what = name === '' ? `a ${kind}` : `${kind} '${name}'`
  return `${what}${model === undefined ? '' : ` on ${model}`}${attempt === 1 ? '' : `, attempt ${attempt}`}`
}
