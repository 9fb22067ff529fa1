import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  PermissionDeniedError,
  replay,
  type AgentRuntimeError,
  type AgentSession,
  type OrchestratorOptions,
} from '../../src/index.js'
import { whatIf } from '../../src/history/whatIf.js'
import type { WhatIfChanges } from '../../src/history/whatIfChanges.js'
import { createTestRuntime, rejection } from '../support/runtime.js'

/*
 * The same agents under other settings: what the runtime refuses them is what what-if says that it would have. Nothing they do
 * depends on what they were refused, but for the first time: they stop there.
 */

const step = fc.oneof(
  fc.record({
    op: fc.constant('turn' as const),
    model: fc.constantFrom('your-model', 'your-model-2', 'mystery'),
    inputTokens: fc.nat(9_000),
    fails: fc.boolean(),
  }),
  fc.record({
    op: fc.constant('tool' as const),
    tool: fc.constantFrom('lookup', 'publish'),
    query: fc.nat(2),
    fails: fc.boolean(),
  }),
  fc.record({ op: fc.constant('gate' as const), level: fc.constantFrom('minimal', 'strict', 'release') }),
  fc.record({ op: fc.constant('raise' as const), budgetUsd: fc.constantFrom(null, 0.05) }),
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const agents = fc.array(
  fc.record({ threadId: fc.constantFrom(undefined, 'a'), steps: fc.array(step, { maxLength: 12 }) }),
  { minLength: 1, maxLength: 4 },
)

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

const limit = fc.oneof(
  fc.record({
    limit: fc.constantFrom('max_iterations', 'max_tool_calls', 'max_consecutive_failures', 'max_repeated_calls'),
    value: fc.nat(5),
    scope: fc.constantFrom('session', 'thread', 'project'),
    onBreach: fc.constantFrom('terminate', 'alert'),
  }),
  fc.record({
    limit: fc.constant('max_budget_usd' as const),
    value: fc.constantFrom(0.01, 0.05),
    scope: fc.constantFrom('session', 'thread', 'project'),
  }),
)

const changes = fc.record({
  budgetUsd: some(fc.constantFrom(0, 0.01, 0.04)),
  maxIterations: some(fc.nat(6)),
  usageLimits: some(fc.record({ maxInputTokens: fc.nat(20_000), maxToolCalls: fc.nat(4) })),
  governance: some(fc.array(limit, { maxLength: 2 })),
  permissions: some(
    fc.record({
      roles: fc.constant({ writer: { mode: 'workspace_write' } }),
      tools: fc.record({ publish: fc.constantFrom('workspace_write', 'full_access') }),
    }),
  ),
  qualityGate: some(fc.constantFrom('minimal', 'strict', 'release')),
  pricing: some(
    fc.record({ 'your-model': fc.record({ inputPerMillion: fc.nat(9), outputPerMillion: fc.constant(0) }) }),
  ),
}) as fc.Arbitrary<WhatIfChanges>

/** The error of a call that was not made. */
async function refusal(session: AgentSession, given: Step): Promise<unknown> {
  if (given.op === 'gate') return void session.evaluateGate(given.level)
  if (given.op === 'raise') {
    session.raiseLimits({ budgetUsd: given.budgetUsd })
    return undefined
  }
  const called = { yes: false }
  const thunk = () => {
    called.yes = true
    if (given.fails) throw new Error('HTTP 500')
  }
  const call =
    given.op === 'turn'
      ? session.runTurn(thunk, { model: given.model, usage: { inputTokens: given.inputTokens } })
      : session.runTool(given.tool, thunk, { args: { query: given.query } })
  const error = await rejection(call.then(() => Promise.reject(new Error('went well'))))
  return called.yes ? undefined : error
}

/** What each agent was refused, if it was. */
async function run(
  options: Partial<OrchestratorOptions>,
  given: typeof agents extends fc.Arbitrary<infer T> ? T : never,
  pricing?: WhatIfChanges['pricing'],
) {
  const { runtime, orchestrator } = createTestRuntime({ projectId: 7, qualityGate: 'standard', ...options })
  if (pricing) runtime.registerPricing(pricing)
  const refusals: unknown[] = []
  for (const { threadId, steps } of given) {
    const session = await orchestrator.open({ threadId })
    let error: unknown
    for (const one of steps) error ??= await refusal(session, one)
    refusals.push(error)
    await session.complete()
  }
  return { refusals, runtime }
}

function told(error: unknown) {
  if (error === undefined) return null
  const { code, message } = error as AgentRuntimeError
  const reason = error instanceof PermissionDeniedError ? error.reason : message
  return { rule: code, reason }
}

/** A turn that governance refuses counts against the limit of its project. */
const refusedAsIteration: [typeof agents extends fc.Arbitrary<infer T> ? T : never, WhatIfChanges] = [
  Array.from({ length: 3 }, () => ({
    threadId: undefined,
    steps: [{ op: 'turn', model: 'your-model', inputTokens: 0, fails: false }],
  })),
  { governance: [{ limit: 'max_iterations', value: 0, scope: 'project', onBreach: 'terminate' }] },
]

describe('what would have been refused', () => {
  it('is what the runtime refuses under these settings [WHATIF-4, WHATIF-6]', { timeout: 120_000 }, async () => {
    let stopped = 0
    await fc.assert(
      fc.asyncProperty(agents, changes, async (given, changed) => {
        const recorded = await run({ maxIterations: 'unlimited' }, given)
        const { pricing, ...options } = changed
        const enforceBudget = changed.budgetUsd !== undefined
        const live = await run({ maxIterations: 'unlimited', ...options, enforceBudget } as never, given, pricing)
        const { sessions, totals } = whatIf(recorded.runtime.log.facts(), changed, { all: true })
        stopped += totals.stopped
        expect(
          sessions.map(({ stoppedAt }) => stoppedAt && { rule: stoppedAt.rule, reason: stoppedAt.reason }),
        ).toEqual(live.refusals.map(told))
        const state = replay(live.runtime.log.facts())
        expect(state).toEqual(live.runtime.getState())
        for (const { sessionId, costUsd, gates } of sessions) {
          const { usage, gates: evaluated } = live.runtime.select.summary(sessionId)
          expect(costUsd.changed).toBe(usage.costUsd)
          const failed = gates.filter(({ satisfied }) => !satisfied.changed).length
          expect(failed).toBeLessThanOrEqual(evaluated.failed)
        }
      }),
      { numRuns: 150, examples: [refusedAsIteration] },
    )
    expect(stopped).toBeGreaterThan(20)
  })
})
