import { describe, expect, it, vi } from 'vitest'
import { BudgetExceededError, UnpricedModelError } from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

describe('an enforced budget', () => {
  it('lets the turn that goes over finish, records what it cost, and throws [BUD-3, BUD-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ budgetUsd: 0.05, enforceBudget: true })
    const session = await orchestrator.open()
    await session.runTurn(() => 'first', DRAFT)
    const error = await rejection(session.runTurn(() => 'second', DRAFT))
    expect(error).toMatchObject({ code: 'budget_exceeded', budgetUsd: 0.05, currentCostUsd: 0.066, called: true })
    expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'budgets/exceeded'])
    expect(runtime.select.sessionCostUsd(session.id)).toBe(0.066)
  })

  it('hands over the answer of the turn that went over, out of sight of loggers [ERR-2, BUD-3]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    const error = await rejection(session.runTurn(() => 'paid for', DRAFT))
    expect((error as BudgetExceededError).result).toMatchObject({ value: 'paid for', turnId: 'turn-1' })
    expect(JSON.stringify(error)).not.toContain('paid for')
    expect(Object.keys(error as object)).not.toContain('result')
  })

  it('that is exhausted refuses the next turn before the model is called [BUD-1, TURN-3]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    await rejection(session.runTurn(() => 'over', DRAFT))
    const model = vi.fn()
    expect(await rejection(session.runTurn(model, DRAFT))).toMatchObject({ code: 'budget_exceeded', called: false })
    expect(model).not.toHaveBeenCalled()
    expect(sessionFacts().at(-1)).toBe('turns/refused')
    expect(runtime.select.summary(session.id)).toMatchObject({
      turns: { iterations: 1, refused: 1 },
      usage: { turns: 1 },
    })
  })

  it('may be met exactly [BUD-1]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.033, enforceBudget: true })
    const session = await orchestrator.open()
    await expect(session.runTurn(() => 1, DRAFT)).resolves.toBeDefined()
    await expect(session.runTurn(() => 1)).resolves.toBeDefined()
  })

  it('is refused to models that nobody can price, when the orchestrator says so [BUD-5]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 1, enforceBudget: true, unpricedModels: 'refuse' })
    const session = await orchestrator.open()
    const model = vi.fn()
    expect(await rejection(session.runTurn(model, { model: 'mystery' }))).toBeInstanceOf(UnpricedModelError)
    expect(await rejection(session.runTurn(model))).toMatchObject({ code: 'unpriced_model', model: null })
    expect(model).not.toHaveBeenCalled()
  })

  it('counts what failed and aborted turns reported [BUD-4]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime({ budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    const failing = session.runTurn(
      (call) => {
        call.reportUsage(DRAFT.usage)
        throw new Error('cut')
      },
      { model: 'your-model' },
    )
    expect(await rejection(failing)).toMatchObject({ message: 'cut' })
    expect(sessionFacts()).toContain('budgets/exceeded')
    expect(await rejection(session.runTurn(() => 1, DRAFT))).toMatchObject({ code: 'budget_exceeded', called: false })
  })
})

describe('a soft budget', () => {
  it('is told of once, and not as a failure [BUD-4]', async () => {
    const events: string[] = []
    const sink = {
      name: 'events',
      event: ({ event, detail }: { event: string; detail?: string }) => void events.push(`${event} ${detail ?? ''}`),
    }
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.01 }, { sinks: [sink] })
    await orchestrator.session(async (session) => {
      for (let turn = 0; turn < 3; turn += 1) await session.runTurn(() => 1, DRAFT)
    })
    expect(events).toEqual(['agent.started ', 'governance.alert budget exceeded: $0.03', 'agent.completed '])
  })

  it('shows in the summary [BUD-6]', async () => {
    const { orchestrator } = createTestRuntime({ budgetUsd: 0.01 })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    expect(session.summary().budget).toEqual({
      budgetUsd: 0.01,
      enforced: false,
      reservedUsd: 0,
      remainingUsd: 0.01 - 0.033,
      exceeded: true,
    })
  })
})

describe('max iterations', () => {
  it('refuses the turn after the last one before the model is called [LIM-5]', async () => {
    const { orchestrator } = createTestRuntime({ maxIterations: 2 })
    const session = await orchestrator.open()
    await session.runTurn(() => 1)
    await rejection(session.runTurn(() => Promise.reject(new Error('counts too'))))
    const model = vi.fn()
    expect(await rejection(session.runTurn(model))).toMatchObject({ code: 'max_iterations_exceeded', maxIterations: 2 })
    expect(model).not.toHaveBeenCalled()
  })

  it('is not overshot by turns that begin together [TURN-7]', async () => {
    const { orchestrator } = createTestRuntime({ maxIterations: 3 })
    const session = await orchestrator.open()
    const model = vi.fn(() => Promise.resolve(1))
    const turns = await Promise.allSettled(Array.from({ length: 10 }, () => session.runTurn(model)))
    expect(turns.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(model).toHaveBeenCalledTimes(3)
  })

  it('is 25 unless it is switched off [LIM-5]', async () => {
    const limited = await createTestRuntime().orchestrator.open()
    const unlimited = await createTestRuntime({ maxIterations: 'unlimited' }).orchestrator.open()
    for (let turn = 0; turn < 25; turn += 1) {
      await limited.runTurn(() => 1)
      await unlimited.runTurn(() => 1)
    }
    expect(await rejection(limited.runTurn(() => 1))).toMatchObject({ code: 'max_iterations_exceeded' })
    await expect(unlimited.runTurn(() => 1)).resolves.toBeDefined()
  })
})
