import { createAgentEvent, type AgentEvent } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

export async function agentEvent(input: Omit<AgentEvent, 'type'>, expected: { type?: string; error?: string }) {
  const outcome = await attempt(() => createAgentEvent(input))
  expectEqual(expected, { type: outcome.value?.type, error: outcome.error }, 'event')
}
