import { facts, type AgentSession, type StreamEvent } from '../../../../src/index.js'
import { nonZero } from './outcome.js'
import type { Step } from './vectors.js'
import { raiseIn, type World } from './world.js'

/** Reads a stream as the step says, and puts down what its reader saw. */
export async function runStream(
  world: World,
  session: AgentSession,
  { model, usage, timeoutSeconds, stopAfter = Infinity, chunks = [], raise, hang }: Step,
  actual: Record<string, unknown>,
): Promise<undefined> {
  async function* upstream(): AsyncGenerator<string, void, undefined> {
    yield* chunks
    if (raise) throw raiseIn(world, raise)
    if (hang) await new Promise(() => undefined)
  }
  const seen: object[] = []
  actual['stream'] = seen
  const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000
  const before = world.runtime.log.facts().length
  try {
    for await (const event of session.runTurnStream(upstream, { model, usage, timeoutMs })) {
      seen.push(eventOf(event))
      if (seen.length >= stopAfter) break
    }
  } finally {
    const recorded = world.runtime.log.facts().slice(before)
    actual['streamCancelled'] = recorded.some(
      (fact) => facts.turnCancelled.match(fact) && fact.payload.by === 'abandoned_stream',
    )
  }
  return undefined
}

function eventOf(event: StreamEvent<string>): object {
  switch (event.type) {
    case 'text_delta':
      return { type: event.type, payload: { delta: event.delta } }
    case 'final':
      return {
        type: event.type,
        payload:
          event.status === 'completed'
            ? { status: event.status, usage: nonZero(event.usage) }
            : { status: event.status, detail: event.detail },
      }
    case 'error':
      return { type: event.type, payload: { errorType: event.errorType, message: event.message } }
    case 'restart':
      return { type: event.type, payload: { attempt: event.attempt } }
  }
}
