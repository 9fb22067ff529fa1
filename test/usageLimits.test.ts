import { describe, expect, it, vi } from 'vitest'
import {
  agentEvents,
  facts,
  UsageLimitExceededError,
  type AgentSession,
  type UsageInput,
  type UsageLimitsInput,
} from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

function limited(usageLimits: UsageLimitsInput) {
  return createTestRuntime({ usageLimits, model: 'your-model' })
}

const turn = (session: AgentSession, usage: UsageInput = DRAFT.usage) => session.runTurn(() => 'paid for', { usage })
const tool = (session: AgentSession, run: () => unknown = () => 1) => session.runTool('lookup', run)

describe('a usage limit', () => {
  it.each<[UsageLimitsInput, string, number]>([
    [{ maxInputTokens: 9_999 }, 'request_tokens', 10_000],
    [{ maxOutputTokens: 2_399 }, 'response_tokens', 2_400],
    [{ maxTotalTokens: 12_399 }, 'total_tokens', 12_400],
    [{ maxToolCalls: 3 }, 'tool_calls', 4],
    [{ maxCostUsd: 0.05 }, 'cost_usd', 0.066],
  ])(
    '%o throws after the call that overran it, with what was paid for [LIM-4]',
    async (limits, limitName, observed) => {
      const { orchestrator, runtime, sessionFacts } = limited(limits)
      const session = await orchestrator.open()
      const usage = { ...DRAFT.usage, toolCalls: 2 }
      await turn(session, usage)
      const error = await rejection(turn(session, usage))
      const exceeded = { limitName, observed, ceiling: Object.values(limits)[0]! }
      expect(error).toBeInstanceOf(UsageLimitExceededError)
      expect(error).toMatchObject({ code: 'usage_limit_exceeded', ...exceeded, called: true })
      expect((error as UsageLimitExceededError).result).toMatchObject({ value: 'paid for', turnId: 'turn-2' })
      expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'limits/exceeded'])
      const recorded = runtime.log.facts().find(facts.usageLimitExceeded.match)
      expect(recorded?.payload).toEqual({ sessionId: session.id, ...exceeded })
    },
  )

  it('that was overrun refuses the next turn before the model is called [LIM-3]', async () => {
    const { orchestrator, sessionFacts } = limited({ maxTotalTokens: 100 })
    const session = await orchestrator.open()
    await rejection(turn(session))
    const model = vi.fn()
    const error = await rejection(session.runTurn(model))
    expect(error).toMatchObject({ limitName: 'total_tokens', observed: 6_200, ceiling: 100, called: false })
    expect((error as UsageLimitExceededError).result).toBeUndefined()
    expect(model).not.toHaveBeenCalled()
    expect(sessionFacts().at(-1)).toBe('turns/refused')
  })

  it('may be reached [LIM-2]', async () => {
    const { orchestrator } = limited({ maxInputTokens: 10_000, maxCostUsd: 0.066 })
    const session = await orchestrator.open()
    await turn(session)
    await turn(session)
    await expect(turn(session, {})).resolves.toMatchObject({ value: 'paid for' })
  })

  it('counts what a failed turn reported', async () => {
    const { orchestrator } = limited({ maxInputTokens: 100 })
    const session = await orchestrator.open()
    const failed = session.runTurn((call) => {
      call.reportUsage({ inputTokens: 101 })
      throw new Error('cut off')
    })
    expect(await rejection(failed)).toMatchObject({ message: 'cut off' })
    expect(await rejection(turn(session))).toMatchObject({ limitName: 'request_tokens', observed: 101, called: false })
  })

  it('on cost is told in dollars, without the dust of doubles [LIM-2]', async () => {
    const { orchestrator, runtime } = limited({ maxCostUsd: 0.2 })
    runtime.registerPricing('dime', { inputPerMillion: 100_000, outputPerMillion: 0 })
    runtime.registerPricing('double-dime', { inputPerMillion: 200_000, outputPerMillion: 0 })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, { model: 'dime', usage: { inputTokens: 1 } })
    const error = await rejection(session.runTurn(() => 1, { model: 'double-dime', usage: { inputTokens: 1 } }))
    expect(error).toMatchObject({ observed: 0.3, ceiling: 0.2 })
    expect((error as Error).message).toBe('usage limit exceeded: cost_usd $0.30 > $0.20')
  })

  it('counts one session: the next one begins anew', async () => {
    const { orchestrator } = limited({ maxInputTokens: 5_000 })
    for (let run = 0; run < 3; run += 1)
      await expect(orchestrator.session((session) => turn(session))).resolves.toBeDefined()
  })

  it('fails the session whose function lets it out, as a rate limit', async () => {
    const { orchestrator, runtime } = limited({ maxOutputTokens: 10 })
    await rejection(orchestrator.session((session) => turn(session)))
    expect(agentEvents(runtime.log.facts()).slice(-2)).toMatchObject([
      { event: 'agent.failed', failureClass: 'rate_limit', detail: 'usage limit exceeded: response_tokens' },
      { event: 'agent.failed', failureClass: 'rate_limit', detail: 'UsageLimitExceededError raised' },
    ])
  })
})

describe('a usage limit on tool calls', () => {
  it('refuses the tool call beyond it before the tool is called [LIM-3, TOOL-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = limited({ maxToolCalls: 1 })
    const session = await orchestrator.open()
    await tool(session)
    const run = vi.fn()
    const error = await rejection(tool(session, run))
    expect(error).toMatchObject({ limitName: 'tool_calls', observed: 2, ceiling: 1, called: false })
    expect(run).not.toHaveBeenCalled()
    expect(sessionFacts().at(-1)).toBe('tools/blocked')
    expect(agentEvents(runtime.log.facts()).at(-1)).toMatchObject({
      event: 'agent.blocked',
      data: { tool: 'lookup', kind: 'usage_limit' },
    })
    await expect(turn(session)).resolves.toBeDefined()
  })

  it('is not passed by tool calls that begin together, nor by those that hooks look at [LIM-3, TOOL-3]', async () => {
    const slow = { name: 'slow', beforeTool: (args: unknown) => Promise.resolve(args) }
    const { orchestrator } = createTestRuntime({ usageLimits: { maxToolCalls: 3 }, hooks: [slow] })
    const session = await orchestrator.open()
    const run = vi.fn(() => Promise.resolve(1))
    const specs = Array.from({ length: 10 }, (_, page) => ({ name: 'lookup', run, args: { page } }))
    const outcomes = await session.runTools(specs, { settle: 'all' })
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(run).toHaveBeenCalledTimes(3)
  })

  it('counts a call that the model asked for and that was then made once [LIM-1]', async () => {
    const { orchestrator } = limited({ maxToolCalls: 2 })
    const session = await orchestrator.open()
    await turn(session, { toolCalls: 2 })
    await tool(session)
    await tool(session)
    await expect(turn(session, {})).resolves.toBeDefined()
    expect(await rejection(tool(session))).toMatchObject({ observed: 3, called: false })
  })

  it('that the model has asked beyond refuses tools as well [LIM-1]', async () => {
    const { orchestrator } = limited({ maxToolCalls: 2 })
    const session = await orchestrator.open()
    expect(await rejection(turn(session, { toolCalls: 5 }))).toMatchObject({ observed: 5, called: true })
    expect(await rejection(tool(session))).toMatchObject({ limitName: 'tool_calls', observed: 5, called: false })
  })
})
