import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import { formatCost } from '../../slices/rules/prices.js'
import type { Sink, UsageRecord } from './sink.js'

export interface ConsoleSinkOptions {
  readonly name?: string
  /** Where a line goes. Default: `console.log`. */
  readonly write?: (line: string) => void
}

/** A line per event and per turn's usage. */
export function createConsoleSink({ name = 'console', write = console.log }: ConsoleSinkOptions = {}): Sink {
  return {
    name,
    event: (event) => write(formatEvent(event)),
    usage: (record) => write(formatUsage(record)),
  }
}

function formatEvent({ sessionId, role, event, status, failureClass, detail }: AgentEvent): string {
  const what = [event, status, failureClass && `(${failureClass})`, detail].filter(Boolean)
  return `${[sessionId, role].filter(Boolean).join(' ')} ${what.join(' ')}`.trim()
}

function formatUsage({ sessionId, turnId, role, model, usage, costUsd, priced }: UsageRecord): string {
  const cost = priced ? formatCost(costUsd) : 'unpriced'
  const tokens = `${usage.inputTokens} in, ${usage.outputTokens} out`
  return `${sessionId} ${role} ${turnId} ${model ?? 'unspecified model'}: ${tokens}, ${cost}`
}
