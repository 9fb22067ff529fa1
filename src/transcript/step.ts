import type { Fact } from '../../slices/fact.js'
import type { AnyFact, RuntimeState } from '../../slices/state.js'

/** One fact, and the state before and after it. */
export interface Step {
  readonly fact: AnyFact
  readonly before: RuntimeState
  readonly state: RuntimeState
}

/** The session that a fact is about. `null`: none. */
export function sessionIdOf({ payload }: Fact): string | null {
  const { sessionId } = payload as { readonly sessionId?: unknown }
  return typeof sessionId === 'string' ? sessionId : null
}
