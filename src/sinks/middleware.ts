import type { Middleware } from '@reduxjs/toolkit'
import { projectEvents } from '../../slices/agentEvents.js'
import type { Fact } from '../../slices/fact.js'
import { sinkFailed } from '../../slices/facts.js'
import { describeError } from '../../slices/rules/errors.js'
import { costUsd, freeRates } from '../../slices/rules/prices.js'
import { selectSession } from '../../slices/sessions.js'
import { isFact, type RuntimeState } from '../../slices/state.js'
import { countsAsUsage, turnEnds, type TurnEnd } from '../../slices/usage.js'
import type { Sink, UsageRecord } from './sink.js'

/** Tells the sinks what each fact means, after it was reduced. */
export function createSinkMiddleware(
  sinks: readonly Sink[],
  selectState: (state: unknown) => RuntimeState,
): Middleware {
  return (api) => (next) => (action) => {
    const result = next(action)
    if (!isFact(action as Fact)) return result
    const fact = action as Fact
    const state = selectState(api.getState())
    // A sink that cannot take events is not told of that by an event.
    const events = sinkFailed.match(fact) && fact.payload.component === 'event_sink' ? [] : projectEvents(fact, state)
    const record = usageRecord(fact, state)
    for (const sink of sinks) {
      for (const event of events) tell('event_sink', sink, event.sessionId, () => sink.event?.(event))
      if (record) tell('usage_sink', sink, record.sessionId, () => sink.usage?.(record))
    }
    return result

    function tell(
      component: 'event_sink' | 'usage_sink',
      { name }: Sink,
      sessionId: string | undefined,
      deliver: () => void,
    ): void {
      try {
        deliver()
      } catch (error) {
        if (sessionId === undefined) return
        api.dispatch(sinkFailed({ sessionId, component, sink: name, error: describeError(error) }))
      }
    }
  }
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
