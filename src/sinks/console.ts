import * as v from 'valibot'
import type { AgentEvent } from '../../slices/rules/agentEvent.js'
import { formatCost } from '../../slices/rules/prices.js'
import { functionOf, nonBlank, parse, strictOptions } from '../config/schema.js'
import type { Sink, UsageRecord } from './sink.js'

export interface ConsoleSinkOptions {
  /** Default `console`. */
  readonly name?: string | undefined
  /** Where a line goes. Default: `console.log`. */
  readonly write?: ((line: string) => void) | undefined
}

const schema = strictOptions({
  name: v.optional(nonBlank, 'console'),
  write: v.optional(functionOf<(line: string) => void>('a function of a line')),
})

/**
 * A line per event and per turn's usage.
 *
 * @throws {InvalidArgumentError} An option does not fit.
 */
export function createConsoleSink(options: ConsoleSinkOptions = {}): Sink {
  const { name, write = console.log } = parse(schema, options)
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
