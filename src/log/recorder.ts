import type { Clock } from '../../sagas/clock.js'
import type { Fact, FactDraft } from '../../slices/fact.js'
import { factVersions } from '../../slices/factVersions.js'
import { selectSession, sessionStream } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import type { EventLog } from './eventLog.js'
import { LogUnavailableError } from './logUnavailableError.js'

/** The stream of facts that belong to no session. */
export const RUNTIME_STREAM = '@runtime'

interface RecorderOptions {
  readonly log: EventLog
  readonly clock: Clock
  /** The state of the log. */
  state(): RuntimeState
  /** Reduces a fact that is in the log, and shows the state after it. */
  publish(fact: Fact): void
  /** Called once, when the log takes no more facts. */
  onUnavailable(error: LogUnavailableError): void
}

/**
 * Returns what stamps facts, appends them to the log and publishes them. Nothing else stamps.
 *
 * @throws {LogUnavailableError} From the recorder: the log takes no more facts.
 */
export function createRecorder({ log, clock, state, publish, onUnavailable }: RecorderOptions) {
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

  return function record<Payload>({ type, payload }: FactDraft<Payload>): Fact<Payload> {
    if (unavailable) throw unavailable
    const before = state()
    const v = factVersions.get(type) ?? 1
    const stream = streamOf(payload as StreamPayload, before)
    const fact: Fact<Payload> = { type, payload, meta: { seq: before.seq + 1, at: clock.now(), stream, v } }
    try {
      log.append(stream, [fact])
    } catch (error) {
      throw fence(error)
    }
    watch(log.flush())
    publish(fact)
    return fact
  }
}

interface StreamPayload {
  readonly sessionId?: string | null
  readonly threadId?: string | null
}

/** A session's facts go to its thread; without a thread, to a stream of its own. */
function streamOf({ sessionId, threadId }: StreamPayload, state: RuntimeState): string {
  if (typeof sessionId !== 'string') return RUNTIME_STREAM
  return threadId ?? selectSession(state, sessionId)?.stream ?? sessionStream(sessionId, null)
}
