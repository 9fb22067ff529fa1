import type { RecordedAbout, Redact } from '../../../sagas/recording.js'
import { outcomeOf, recordable } from '../../../sagas/recording.js'
import type { Json } from '../../../slices/rules/json.js'
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

/** What is not JSON does not count. */
function inputOf(given: unknown, redact: Redact | undefined, about: RecordedAbout): { readonly input?: Json } {
  const outcome = outcomeOf(recordable(given, redact, about))
  return outcome.kind === 'returned' && outcome.value !== undefined ? { input: outcome.value } : {}
}

/** `turn 'draft' on gpt-x` */
export function describeQuestion({ kind, name, model, attempt }: CallQuestion): string {
  const what = name === '' ? `a ${kind}` : `${kind} '${name}'`
  return `${what}${model === undefined ? '' : ` on ${model}`}${attempt === 1 ? '' : `, attempt ${attempt}`}`
}
