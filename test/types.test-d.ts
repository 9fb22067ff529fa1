import { describe, expectTypeOf, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  facts,
  type AgentRuntime,
  type AgentSession,
  type AnyFact,
  type EventLog,
  type Fact,
  type Handoff,
  type MemoryLog,
  type OrchestratorOptions,
  type PolicyCondition,
  type TurnResult,
  type UsageInput,
} from 'redux-agent-runtime'

declare const session: AgentSession
declare const runtime: AgentRuntime

describe('a turn', () => {
  it('returns what its function returns', () => {
    expectTypeOf(session.runTurn(() => ({ text: 'x' }))).resolves.toEqualTypeOf<TurnResult<{ text: string }>>()
    expectTypeOf(session.runTurn(async () => 1))
      .resolves.toHaveProperty('value')
      .toEqualTypeOf<number>()
  })

  it('shows its usage function the value', () => {
    void session.runTurn(() => ({ tokens: 3 }), {
      usage: (value) => {
        expectTypeOf(value).toEqualTypeOf<{ tokens: number }>()
        return { outputTokens: value.tokens }
      },
    })
    // @ts-expect-error: a count is a number
    void session.runTurn(() => 1, { usage: { inputTokens: '5' } })
  })

  it('gives its function a signal', () => {
    void session.runTurn((call) => expectTypeOf(call.signal).toEqualTypeOf<AbortSignal>())
  })
})

describe('a session', () => {
  it('resolves to what its function returns', () => {
    const orchestrator = runtime.orchestrator({ role: 'r', phase: 'p' })
    expectTypeOf(orchestrator.session(() => 'x')).resolves.toEqualTypeOf<string>()
    expectTypeOf(
      orchestrator.session((given) => given.handoffTo('editor', { reason: 'r' })),
    ).resolves.toEqualTypeOf<Handoff>()
  })
})

describe('options', () => {
  it('may be undefined where they may be left out', () => {
    expectTypeOf<{ role: string; phase: string; budgetUsd: undefined }>().toExtend<OrchestratorOptions>()
  })

  it('know their literals', () => {
    expectTypeOf<{ type: 'gateBelow'; threshold: number }>().toExtend<PolicyCondition>()
    expectTypeOf<{ type: 'gateBelow' }>().not.toExtend<PolicyCondition>()
    expectTypeOf<{ inputTokens: { total: number; cacheRead: null } }>().toExtend<UsageInput>()
    // @ts-expect-error: no such mode
    runtime.orchestrator({ role: 'r', phase: 'p', permissions: { roles: { r: { mode: 'READ_ONLY' } } } })
  })
})

describe('a runtime', () => {
  it('has the log it was given', () => {
    expectTypeOf(createAgentRuntime().log).toEqualTypeOf<MemoryLog>()
    expectTypeOf(createAgentRuntime({ log: createMemoryLog() }).log).toEqualTypeOf<MemoryLog>()
    expectTypeOf(createAgentRuntime({ log: {} as EventLog }).log).toEqualTypeOf<EventLog>()
  })
})

describe('facts', () => {
  it('are told apart by their creators', () => {
    const fact = {} as Fact
    if (facts.turnFailed.match(fact)) expectTypeOf(fact.payload.scenario).toExtend<string>()
    expectTypeOf([fact].filter(facts.gateEvaluated.match)).items.toHaveProperty('payload')
  })
})

describe('any fact', () => {
  it('is told apart by its type', () => {
    const fact = {} as AnyFact
    if (fact.type === 'turns/refused') expectTypeOf(fact.payload.reason).not.toBeAny()
    if (fact.type === 'turns/completed') expectTypeOf(fact.payload.metered).toEqualTypeOf<boolean>()
    // @ts-expect-error: no such fact
    if (fact.type === 'turns/dreamt') return
    expectTypeOf(createMemoryLog().facts()).toEqualTypeOf<readonly AnyFact[]>()
  })
})
