import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  BudgetExceededError,
  facts,
  replay,
  type AgentSession,
  type OrchestratorOptions,
  type RaiseLimitsOptions,
} from '../src/index.js'
import { createTestRuntime, deferred, DRAFT, rejection, type TestRuntime } from './support/runtime.js'

/** $0.033, expected and used. */
const PROMISED = { ...DRAFT, estimate: DRAFT.usage } as const

const turn = (session: AgentSession) => session.runTurn(() => 'answer', DRAFT)

describe('turns that say what they will use at most', () => {
  it('never spend more than an enforced budget together [BUD-1, BUD-2]', async () => {
    const tokens = fc.record({ inputTokens: fc.nat(9_000), outputTokens: fc.nat(3_000) })
    const given = fc.record({
      estimate: tokens,
      /** Of the estimate, in percent. */
      used: fc.nat(100),
      startAt: fc.nat(50),
      lastsMs: fc.nat(50),
      outcome: fc.constantFrom('answered', 'answered', 'failed', 'aborted', 'timed_out'),
    })
    const turns = fc.array(given, { minLength: 2, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(fc.nat(300), fc.boolean(), turns, async (budgetInMils, execute, plan) => {
        const budgetUsd = budgetInMils / 1_000
        const { orchestrator, runtime, clock } = createTestRuntime({
          budgetUsd,
          enforceBudget: true,
          model: 'your-model',
          recovery: { mode: execute ? 'execute' : 'record', escalation: 'rethrow' },
        })
        const session = await orchestrator.open()
        let highest = 0
        runtime.subscribe(() => {
          const { budget, usage } = session.summary()
          highest = Math.max(highest, usage.costUsd + (budget?.reservedUsd ?? 0))
        })
        const after = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
        const running = plan.map(async ({ estimate, used, startAt, lastsMs, outcome }) => {
          const stop = new AbortController()
          const { inputTokens, outputTokens } = estimate
          const usage = { inputTokens: share(inputTokens, used), outputTokens: share(outputTokens, used) }
          await after(startAt)
          if (outcome === 'aborted') clock.setTimeout(() => stop.abort(), lastsMs)
          return session.runTurn(
            async (call) => {
              call.reportUsage(usage)
              await after(outcome === 'answered' || outcome === 'failed' ? lastsMs : 1_000)
              if (outcome === 'failed') throw new Error('timed out')
              return 1
            },
            { estimate, signal: stop.signal, timeoutMs: outcome === 'timed_out' ? lastsMs + 1 : undefined },
          )
        })
        const ended = Promise.allSettled(running)
        await clock.advance(600_000)
        await ended
        expect(highest).toBeLessThanOrEqual(budgetUsd + 1e-9)
        expect(runtime.select.sessionCostUsd(session.id)).toBeLessThanOrEqual(budgetUsd + 1e-9)
        expect(session.summary().budget).toMatchObject({ reservedUsd: 0, exceeded: false })
        expect(replay(runtime.log.facts())).toEqual(runtime.getState())
      }),
    )
  })

  it('are refused, before they are called, by what others were promised [BUD-1]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.1, enforceBudget: true })
    const session = await orchestrator.open()
    const answers = Array.from({ length: 10 }, () => deferred())
    const model = vi.fn(() => answers[model.mock.calls.length - 1]!.promise)
    const turns = answers.map(() => session.runTurn(model, PROMISED))
    const refused = (await rejection(turns[3]!)) as BudgetExceededError
    expect(refused).toMatchObject({ called: false, budgetUsd: 0.1, currentCostUsd: 0, promisedUsd: 0.132 })
    expect(refused.message).toBe('budget exceeded: $0.0000 + $0.13 promised > $0.10')
    expect(session.summary().budget).toMatchObject({ reservedUsd: 0.099, remainingUsd: 0.1, exceeded: false })
    for (const { resolve } of answers) resolve(1)
    const outcomes = await Promise.allSettled(turns)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(model).toHaveBeenCalledTimes(3)
    expect(session.summary().budget).toMatchObject({ reservedUsd: 0, remainingUsd: 0.001 })
  })

  it('free what they did not use for the next', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.05, enforceBudget: true, model: 'your-model' })
    const session = await orchestrator.open()
    const cheap = { estimate: DRAFT.usage, usage: { inputTokens: 100 } }
    for (let run = 0; run < 10; run += 1) await expect(session.runTurn(() => 1, cheap)).resolves.toBeDefined()
  })

  it.each<[string, (session: AgentSession, test: TestRuntime) => Promise<unknown>]>([
    ['is answered', (session) => session.runTurn(() => 1, PROMISED)],
    ['fails', (session) => session.runTurn(() => Promise.reject(new Error('boom')), PROMISED)],
    ['throws at once', (session) => session.runTurn(() => JSON.parse('{') as unknown, PROMISED)],
    [
      'takes too long',
      async (session, { clock }) => {
        const late = rejection(session.runTurn(() => new Promise(() => undefined), { ...PROMISED, timeoutMs: 5 }))
        await clock.advance(5)
        return late
      },
    ],
    [
      'is aborted',
      (session) => {
        const stop = new AbortController()
        const stopped = session.runTurn(() => new Promise(() => undefined), { ...PROMISED, signal: stop.signal })
        stop.abort()
        return stopped
      },
    ],
    [
      'is a stream that nobody reads to the end',
      async (session) => {
        async function* words() {
          yield* ['one', 'two']
        }
        const stream = session.runTurnStream(words, { model: 'your-model', estimate: DRAFT.usage })
        for await (const _event of stream) break
      },
    ],
    [
      'ends with its session',
      async (session) => {
        const cut = rejection(session.runTurn(() => new Promise(() => undefined), PROMISED))
        await session.cancel()
        return cut
      },
    ],
    [
      'cannot be read for what it used',
      (session) => session.runTurn(() => 1, { ...PROMISED, usage: () => ({ inputTokens: -1 }) }),
    ],
  ])('give back what they were promised when a turn %s [BUD-2]', async (_how, run) => {
    const test = createTestRuntime({ budgetUsd: 1, enforceBudget: true })
    const session = await test.orchestrator.open()
    await run(session, test).catch(() => undefined)
    const started = test.runtime.log.facts().filter(facts.turnStarted.match)
    expect(started.map(({ payload }) => payload.reservedUsd)).toEqual([0.033])
    expect(test.runtime.select.session(session.id)?.budget.reserved).toEqual([])
  })

  it('are promised nothing for a model without a price, or are refused [BUD-2, BUD-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    const guess = { model: 'mystery', estimate: DRAFT.usage }
    await expect(session.runTurn(() => 1, guess)).resolves.toBeDefined()
    const strict = {
      role: 'writer',
      phase: 'draft',
      budgetUsd: 0.01,
      enforceBudget: true,
      unpricedModels: 'refuse',
    } as const
    const refusing = await runtime.orchestrator(strict).open()
    const model = vi.fn()
    expect(await rejection(refusing.runTurn(model, guess))).toMatchObject({ code: 'unpriced_model', model: 'mystery' })
    expect(model).not.toHaveBeenCalled()
  })

  it.each([
    [0.05, ['cheap'], []],
    [0.2, ['cheap', 'dear'], [0.1]],
  ])('are promised anew for a retry with a dearer model, within $%d [BUD-2]', async (budgetUsd, called, promised) => {
    const { orchestrator, runtime, clock } = createTestRuntime({
      budgetUsd,
      enforceBudget: true,
      providers: { name: 'models', kind: 'static', providers: ['cheap', 'dear'] },
      recovery: { mode: 'execute' },
    })
    runtime.registerPricing({
      cheap: { inputPerMillion: 1, outputPerMillion: 0 },
      dear: { inputPerMillion: 10, outputPerMillion: 0 },
    })
    const session = await orchestrator.open()
    const models: (string | null)[] = []
    const error = Object.assign(new Error('overloaded'), { status: 503 })
    const outcome = session
      .runTurn(
        ({ model }) => {
          models.push(model)
          if (model === 'cheap') throw error
          return 'answer'
        },
        { model: (provider) => provider!, estimate: { inputTokens: 10_000 }, usage: { inputTokens: 10_000 } },
      )
      .catch((thrown: unknown) => thrown)
    await clock.advance(600_000)
    await outcome
    expect(models).toEqual(called)
    const retried = runtime.log.facts().filter(facts.turnRetried.match)
    expect(retried.map(({ payload }) => payload.reservedUsd)).toEqual(promised)
    expect(session.summary().budget).toMatchObject({ reservedUsd: 0, exceeded: false })
  })
})

describe('the caps of a turn', () => {
  it('are looked at in order: iterations, price, budget, usage limits [TURN-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      budgetUsd: 1,
      enforceBudget: true,
      unpricedModels: 'refuse',
      usageLimits: { maxOutputTokens: 9_000 },
      governance: [{ limit: 'max_iterations', value: 1 }],
      maxIterations: 2,
    })
    const session = await orchestrator.open()
    await turn(session)
    const spoilt: readonly RaiseLimitsOptions[] = [
      { maxIterations: 1, budgetUsd: 0, usageLimits: { maxOutputTokens: 0 } },
      { maxIterations: 9 },
      {},
      { budgetUsd: null },
      { usageLimits: { maxOutputTokens: null } },
    ]
    for (const [index, limits] of spoilt.entries()) {
      session.raiseLimits(limits)
      await rejection(session.runTurn(() => 1, { model: index < 2 ? 'mystery' : 'your-model' }))
    }
    const refused = runtime.log.facts().filter(facts.turnRefused.match)
    expect(refused.map(({ payload }) => payload.reason)).toEqual([
      'max_iterations_exceeded',
      'unpriced_model',
      'budget_exceeded',
      'usage_limit_exceeded',
      'governance_breach',
    ])
  })

  it('are looked at again after what took time before the call, and alerts are not told again [TURN-6]', async () => {
    const gate = deferred()
    const { orchestrator, runtime } = createTestRuntime({
      maxIterations: 2,
      hooks: [{ name: 'slow', beforeModel: () => gate.promise }],
      governance: [{ limit: 'max_iterations', value: 0, onBreach: 'alert' }],
    })
    const session = await orchestrator.open()
    const model = vi.fn(() => 1)
    const turns = [1, 2, 3].map(() => session.runTurn(model))
    gate.resolve(null)
    expect(await rejection(turns[2]!)).toMatchObject({ code: 'max_iterations_exceeded' })
    await Promise.allSettled(turns)
    expect(model).toHaveBeenCalledTimes(2)
    const alerts = runtime.log.facts().filter(facts.governanceAlerted.match)
    // Before each of the three, and after each of the two that ran.
    expect(alerts).toHaveLength(5)
  })
})

describe('turns that do not say what they will use', () => {
  it('all run together, and each that ends over an enforced budget throws with its answer [BUD-3]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.05, enforceBudget: true })
    const session = await orchestrator.open()
    const model = vi.fn(() => Promise.resolve('answer'))
    const turns = await Promise.allSettled(Array.from({ length: 5 }, () => session.runTurn(model, DRAFT)))
    expect(model).toHaveBeenCalledTimes(5)
    const thrown = turns.flatMap((one) => (one.status === 'rejected' ? [one.reason as BudgetExceededError] : []))
    expect(thrown.map(({ called, currentCostUsd }) => [called, currentCostUsd])).toEqual([
      [true, 0.066],
      [true, 0.099],
      [true, 0.132],
      [true, 0.165],
    ])
    expect(thrown[0]?.result).toMatchObject({ value: 'answer', turnId: 'turn-2' })
    expect(await rejection(turn(session))).toMatchObject({ called: false })
  })
})

describe('what an idempotency key answered from another session', () => {
  it('counts for the caps of this session once, and for its thread as it was paid [IDEM-8, GOV-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      budgetUsd: 0.05,
      enforceBudget: true,
      governance: [{ limit: 'max_budget_usd', value: 0.07, scope: 'thread' }],
    })
    const keyed = (session: AgentSession) => session.runTurn(() => 'answer', { ...DRAFT, idempotencyKey: 'first' })
    await orchestrator.session(keyed, { threadId: 'essay' })
    const again = await orchestrator.open({ threadId: 'essay' })
    for (let run = 0; run < 3; run += 1) await expect(keyed(again)).resolves.toMatchObject({ replayed: true })
    expect(again.summary()).toMatchObject({ usage: { costUsd: 0.033 }, budget: { remainingUsd: 0.017 } })
    expect(await rejection(turn(again))).toMatchObject({ code: 'budget_exceeded', currentCostUsd: 0.066, called: true })
    expect(runtime.select.thread('essay')?.usage).toMatchObject([{ turns: 2 }])
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })
})

/** A share in percent, rounded down. */
function share(count: number, percent: number): number {
  return Math.floor((count * percent) / 100)
}

const exceeding: readonly [string, Partial<OrchestratorOptions>, RaiseLimitsOptions][] = [
  ['max_iterations_exceeded', { maxIterations: 2 }, { maxIterations: 3 }],
  ['max_iterations_exceeded', { maxIterations: 2 }, { maxIterations: 'unlimited' }],
  ['budget_exceeded', { budgetUsd: 0.04, enforceBudget: true }, { budgetUsd: 0.2 }],
  ['budget_exceeded', { budgetUsd: 0.04, enforceBudget: true }, { budgetUsd: null }],
  ['usage_limit_exceeded', { usageLimits: { maxCostUsd: 0.04 } }, { usageLimits: { maxCostUsd: 0.2 } }],
  ['usage_limit_exceeded', { usageLimits: { maxTotalTokens: 7_000 } }, { usageLimits: { maxTotalTokens: null } }],
  ['governance_breach', { governance: [{ limit: 'max_iterations', value: 2 }] }, { governance: { max_iterations: 9 } }],
  [
    'governance_breach',
    { projectId: 1, governance: [{ limit: 'max_budget_usd', value: 0.04, scope: 'project' }] },
    { governance: { max_budget_usd: 1 } },
  ],
]

describe('a session that has hit a cap', () => {
  it.each(exceeding)(
    '(%s, %o) stays readable, and goes on when it is given %o [LIM-6]',
    async (code, options, raised) => {
      const { orchestrator, runtime } = createTestRuntime(options)
      await orchestrator.session(async (session) => {
        await turn(session)
        const error = await turn(session).then(
          () => rejection(turn(session)),
          (thrown: unknown) => thrown,
        )
        expect(error).toMatchObject({ code })
        expect(session.summary()).toMatchObject({
          status: 'running',
          turns: { completed: 2 },
          usage: { costUsd: 0.066 },
        })
        session.raiseLimits(raised)
        await expect(turn(session)).resolves.toMatchObject({ value: 'answer' })
      })
      expect(runtime.select.summary('session-1')).toMatchObject({ status: 'completed', turns: { completed: 3 } })
      expect(replay(runtime.log.facts())).toEqual(runtime.getState())
    },
  )
})

describe('raised limits', () => {
  it('bind one session, and leave the others as they are [LIM-6]', async () => {
    const { orchestrator } = createTestRuntime({ maxIterations: 1 })
    const [raised, other] = [await orchestrator.open(), await orchestrator.open()]
    raised.raiseLimits({ maxIterations: 2 })
    for (const session of [raised, other]) await turn(session)
    await expect(turn(raised)).resolves.toBeDefined()
    expect(await rejection(turn(other))).toMatchObject({ maxIterations: 1 })
  })

  it('leave what they do not name as it is, also when they are raised again [LIM-6]', async () => {
    const { orchestrator } = createTestRuntime({
      maxIterations: 2,
      usageLimits: { maxToolCalls: 0, maxOutputTokens: 1 },
      governance: [{ limit: 'max_tool_calls', value: 1 }],
    })
    const session = await orchestrator.open()
    session.raiseLimits({ usageLimits: { maxOutputTokens: 9_000 }, governance: { max_tool_calls: 2 } })
    session.raiseLimits({ usageLimits: { maxToolCalls: 5, maxOutputTokens: undefined }, maxIterations: undefined })
    await turn(session)
    await turn(session)
    expect(await rejection(turn(session))).toMatchObject({ code: 'max_iterations_exceeded', maxIterations: 2 })
    for (let call = 0; call < 2; call += 1) await session.runTool('lookup', () => 1)
    expect(await rejection(session.runTool('lookup', () => 1))).toMatchObject({ code: 'governance_breach', ceiling: 2 })
  })

  it('may be lower than those of the orchestrator', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 1, enforceBudget: true })
    const session = await orchestrator.open()
    session.raiseLimits({ budgetUsd: 0 })
    expect(await rejection(turn(session))).toMatchObject({ budgetUsd: 0, called: true })
  })

  it('give a budget to a session whose orchestrator enforces one and has none', async () => {
    const { orchestrator } = createTestRuntime({ enforceBudget: true })
    const session = await orchestrator.open()
    await turn(session)
    session.raiseLimits({ budgetUsd: 0.01 })
    expect(await rejection(turn(session))).toMatchObject({ code: 'budget_exceeded', called: false })
    expect(session.summary().budget).toMatchObject({ budgetUsd: 0.01, enforced: true, remainingUsd: -0.023 })
  })

  it('are a fact that survives JSON', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    session.raiseLimits({ budgetUsd: undefined, usageLimits: { maxCostUsd: undefined, maxToolCalls: null } })
    const payload = runtime.log.facts().find(facts.limitsRaised.match)?.payload
    expect(payload).toStrictEqual({ sessionId: session.id, limits: { usageLimits: { maxToolCalls: null } } })
  })

  it.each<[string, object]>([
    ['maxIterations', { maxIterations: -1 }],
    ['maxIterations', { maxIterations: null }],
    ['budgetUsd', { budgetUsd: '5' }],
    ['budgetUsd', { budgetUsd: NaN }],
    ['usageLimits.maxInputTokens', { usageLimits: { maxInputTokens: 1.5 } }],
    ['governance.max_tool_calls', { governance: { max_tool_calls: -1 } }],
    ['governance.max_turns', { governance: { max_turns: 5 } }],
    ['maxTurns', { maxTurns: 5 }],
  ])('name %s when that is not usable, and raise nothing', async (field, raised) => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(() => session.raiseLimits(raised)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it('come too late for a session that has ended', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    await session.complete()
    expect(() => session.raiseLimits({ budgetUsd: 1 })).toThrow(expect.objectContaining({ code: 'session_ended' }))
    expect(() => session.clearFailures()).toThrow(expect.objectContaining({ code: 'session_ended' }))
  })
})

describe('a soft budget', () => {
  const told = ({ runtime }: TestRuntime) => {
    const exceeded = runtime.log.facts().filter(facts.budgetExceeded.match)
    return exceeded.map(({ payload: { budgetUsd, costUsd } }) => [budgetUsd, costUsd])
  }

  it('is told of once, by turns that run together too [BUD-4]', async () => {
    const test = createTestRuntime({ budgetUsd: 0.01 })
    const session = await test.orchestrator.open()
    await Promise.all(Array.from({ length: 4 }, () => turn(session)))
    await turn(session)
    expect(told(test)).toEqual([[0.01, 0.033]])
  })

  it('that was raised is told of once more [BUD-4]', async () => {
    const test = createTestRuntime({ budgetUsd: 0.01 })
    const session = await test.orchestrator.open()
    await turn(session)
    session.raiseLimits({ budgetUsd: 0.07 })
    for (let run = 0; run < 3; run += 1) await turn(session)
    session.raiseLimits({ maxIterations: 100 })
    await turn(session)
    expect(told(test)).toEqual([
      [0.01, 0.033],
      [0.07, 0.099],
    ])
  })

  it('that one session was given is told of, although its orchestrator has none', async () => {
    const test = createTestRuntime()
    const session = await test.orchestrator.open()
    session.raiseLimits({ budgetUsd: 0.01 })
    await turn(session)
    expect(told(test)).toEqual([[0.01, 0.033]])
  })
})
