import type { Middleware } from '@reduxjs/toolkit'
import { projectEvents } from '../../slices/agentEvents.js'
import type { Fact } from '../../slices/fact.js'
import { sinkFailed, type FactPayload } from '../../slices/facts.js'
import { describeError } from '../../slices/rules/errors.js'
import { costUsd, freeRates } from '../../slices/rules/prices.js'
import { selectSession } from '../../slices/sessions.js'
import { isFact, type RuntimeState } from '../../slices/state.js'
import { countsAsUsage, turnEnds, type TurnEnd } from '../../slices/usage.js'
import type { Sink, UsageRecord } from './sink.js'

/** Tells the sinks of each fact and of what it means, after it was reduced. */
export function createSinkMiddleware(
  sinks: readonly Sink[],
  selectState: (state: unknown) => RuntimeState,
): Middleware {
  return (api) => (next) => (action) => {
    const result = next(action)
    if (!isFact(action as Fact)) return result
    const fact = action as Fact
    // Reported when every sink has been told: all of them hear of all facts in the same order.
    for (const failure of tellAll(sinks, fact, selectState(api.getState()))) api.dispatch(sinkFailed(failure))
    return result
  }
}

type SinkFailure = FactPayload<typeof sinkFailed>
type Component = SinkFailure['component']

function tellAll(sinks: readonly Sink[], fact: Fact, state: RuntimeState): readonly SinkFailure[] {
  const failures: SinkFailure[] = []
  // What a kind of sink could not take, it is not told of again.
  const failed = sinkFailed.match(fact) ? fact.payload.component : undefined
  const events = failed === 'event_sink' ? [] : projectEvents(fact, state)
  const record = usageRecord(fact, state)
  const sessionId = (fact.payload as { readonly sessionId?: string | null }).sessionId ?? null
  for (const sink of sinks) {
    const tell = (component: Component, deliver: () => void): void => {
      try {
        deliver()
      } catch (error) {
        failures.push({ sessionId, component, sink: sink.name, error: describeError(error) })
      }
    }
    if (failed !== 'fact_sink') tell('fact_sink', () => sink.fact?.(fact))
    for (const event of events) tell('event_sink', () => sink.event?.(event))
    if (record) tell('usage_sink', () => sink.usage?.(record))
  }
  return failures
}

function usageRecord(fact: Fact, state: RuntimeState): UsageRecord | undefined {
  const end = turnEnds.find((kind) => kind.match(fact)) && (fact as TurnEnd)
  if (!end || !countsAsUsage(end)) return undefined
  const { sessionId, turnId, model, price, usage } = end.payload
  const session = selectSession(state, sessionId)
  const rates = price === null ? undefined : state.pricing.entries[price]?.rates
  return {
    sessionId,
    turnId,
    role: session?.role ?? '',
    projectId: session?.projectId ?? null,
    model,
    usage,
    costUsd: costUsd(usage, rates ?? freeRates),
    priced: rates !== undefined,
    at: fact.meta.at,
  }
}
