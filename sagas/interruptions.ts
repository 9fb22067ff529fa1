import { inputCancelled, sessionCancelled, sessionParked, toolInterrupted, turnCancelled } from '../slices/facts.js'
import { isTerminal } from '../slices/rules/lifecycle.js'
import { rows } from '../slices/rules/table.js'
import { noUsage } from '../slices/rules/tokens.js'
import type { Session } from '../slices/sessions.js'
import type { Context } from './context.js'

/**
 * Records what became of what another process left running: its turns were cancelled, and nobody knows what its tools did. Its
 * sessions are parked until somebody takes their thread up; those without a thread have ended.
 */
export function settleInterrupted(context: Context): void {
  for (const session of [...rows(context.state().sessions.rows)]) {
    settleCalls(context, session)
    const { id: sessionId, openedAt, threadId, lifecycle } = session
    if (openedAt === null || isTerminal(lifecycle.status)) continue
    if (threadId === null) context.record(sessionCancelled({ sessionId, detail: 'its process ended' }))
    else if (lifecycle.parkedAt === null) context.record(sessionParked({ sessionId }))
  }
}

function settleCalls(context: Context, { id: sessionId, inFlight, requests }: Session): void {
  for (const { turnId, model, admission } of inFlight.turns) {
    const end = { sessionId, turnId, model, price: null, usage: noUsage, metered: false, admission }
    context.record(turnCancelled({ ...end, by: 'process_ended' }))
  }
  for (const call of inFlight.tools) context.record(toolInterrupted({ sessionId, ...call }))
  for (const { kind, requestId } of requests.pending) {
    // The turn that it was about has ended.
    if (kind === 'escalation') context.record(inputCancelled({ sessionId, requestId, kind }))
  }
}
