import type { Middleware } from '@reduxjs/toolkit'
import type { Clock } from '../../sagas/clock.js'
import type { Fact, FactDraft } from '../../slices/fact.js'
import { selectSession, sessionStream } from '../../slices/sessions.js'
import { factVersions } from '../../slices/factVersions.js'
import type { RuntimeState } from '../../slices/state.js'
import type { EventLog } from './eventLog.js'
import { LogUnavailableError } from './logUnavailableError.js'

/** The stream of facts that belong to no session. */
export const RUNTIME_STREAM = '@runtime'

export interface LogMiddlewareOptions {
  readonly log: EventLog
  readonly clock: Clock
  readonly selectState: (state: unknown) => RuntimeState
  /** Called once, when the log takes no more facts. */
  readonly onUnavailable: (error: LogUnavailableError) => void
}

/** Stamps facts, appends them to the log and passes them on. Nothing else stamps. Other actions go by. */
export function createLogMiddleware({ log, clock, selectState, onUnavailable }: LogMiddlewareOptions): Middleware {
  let unavailable: LogUnavailableError | undefined
  let watched: Promise<void> | undefined

  function fence(cause: unknown): LogUnavailableError {
    if (unavailable) return unavailable
    unavailable = cause instanceof LogUnavailableError ? cause : new LogUnavailableError('failed', { cause })
    onUnavailable(unavailable)
    return unavailable
  }

  /** Nobody may be waiting for this write: then this is how its failure is heard of. */
  function watch(flushed: Promise<void> | undefined): void {
    if (!flushed || flushed === watched) return
    watched = flushed
    flushed.catch(fence)
  }

  return (api) => (next) => (action) => {
    const draft = action as FactDraft
    const v = factVersions.get(draft.type)
    if (v === undefined) return next(action)
    if (unavailable) throw unavailable
    const state = selectState(api.getState())
    const stream = streamOf(draft, state)
    // A fresh object: an action that somebody froze or marked must not be stamped in place.
    const fact: Fact = {
      type: draft.type,
      payload: draft.payload,
      meta: { seq: state.seq + 1, at: clock.now(), stream, v },
    }
    try {
      log.append(stream, [fact])
    } catch (error) {
      throw fence(error)
    }
    watch(log.flush())
    return next(fact)
  }
}

/** A session's facts go to its thread; without a thread, to a stream of its own. */
function streamOf({ payload }: FactDraft, state: RuntimeState): string {
  const { sessionId, threadId } = payload as { readonly sessionId?: string | null; readonly threadId?: string | null }
  if (typeof sessionId !== 'string') return RUNTIME_STREAM
  return threadId ?? selectSession(state, sessionId)?.stream ?? sessionStream(sessionId, null)
}
