import type { Middleware } from '@reduxjs/toolkit'
import type { Clock } from '../../sagas/clock.js'
import type { Fact, FactDraft } from '../../slices/fact.js'
import { selectSession, sessionStream } from '../../slices/sessions.js'
import { factVersions } from '../../slices/factVersions.js'
import type { RuntimeState } from '../../slices/state.js'
import type { EventLog } from './eventLog.js'

/** The stream of facts that belong to no session. */
export const RUNTIME_STREAM = '@runtime'

export interface LogMiddlewareOptions {
  readonly log: EventLog
  readonly clock: Clock
  readonly selectState: (state: unknown) => RuntimeState
}

/** Stamps facts, appends them to the log and passes them on. Nothing else stamps. Other actions go by. */
export function createLogMiddleware({ log, clock, selectState }: LogMiddlewareOptions): Middleware {
  return (api) => (next) => (action) => {
    const draft = action as FactDraft
    const v = factVersions.get(draft.type)
    if (v === undefined) return next(action)
    const state = selectState(api.getState())
    const stream = streamOf(draft, state)
    // A fresh object: an action that somebody froze or marked must not be stamped in place.
    const fact: Fact = {
      type: draft.type,
      payload: draft.payload,
      meta: { seq: state.seq + 1, at: clock.now(), stream, v },
    }
    log.append(stream, [fact])
    return next(fact)
  }
}

/** A session's facts go to its thread; without a thread, to a stream of its own. */
function streamOf({ payload }: FactDraft, state: RuntimeState): string {
  const { sessionId, threadId } = payload as { readonly sessionId?: string | null; readonly threadId?: string | null }
  if (typeof sessionId !== 'string') return RUNTIME_STREAM
  return threadId ?? selectSession(state, sessionId)?.stream ?? sessionStream(sessionId, null)
}
