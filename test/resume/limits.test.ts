import { describe, expect, it } from 'vitest'
import { BudgetExceededError, type AgentSession, type OrchestratorOptions } from '../../src/index.js'
import { DRAFT } from '../support/runtime.js'
import { startProcess, type ProcessOptions, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>, threadId = 't') => process.orchestrator.session(fn, { threadId })

/** A process that crashed while `fn` hung, and what the next one makes of it. */
async function left(fn: Fn<unknown>, orchestrator: Partial<OrchestratorOptions>, next: ProcessOptions = {}) {
  const first = await startProcess({ orchestrator })
  leave(run(first, fn))
  await pass(first)
  return first.crash(next)
}

/** So many turns of $0.033 and 6,200 tokens, and then one more. */
const turns =
  (count: number, last: () => unknown): Fn<unknown> =>
  async (session) => {
    for (let turn = 0; turn < count; turn += 1) await session.runTurn(() => turn, DRAFT)
    return (await session.runTurn(last, DRAFT)).value
  }

const afterwards = async (process: TestProcess) =>
  outcomeOf(run(process, async (session) => [await turns(2, () => 'end')(session), await session.runTurn(() => 1)]))

describe('a session that is taken up', () => {
  it('has spent of its budget what it had spent, and no more [DUR-25]', async () => {
    const second = await left(turns(2, never), { budgetUsd: 0.09, enforceBudget: true })
    expect(second.runtime.select.summary('session-1').usage.costUsd).toBeCloseTo(0.066)
    const { threw } = (await outcomeOf(
      run(
        second,
        turns(2, () => 'end'),
      ),
    )) as { threw: BudgetExceededError }
    expect(threw).toBeInstanceOf(BudgetExceededError)
    expect([threw.called, threw.currentCostUsd]).toEqual([true, expect.closeTo(0.099) as number])
  })

  it('has the budget of the process that takes it up [DUR-26]', async () => {
    const orchestrator = { budgetUsd: 0.06, enforceBudget: true }
    const spent: Fn<unknown> = async (session) => {
      await session.runTurn(() => 1, DRAFT)
      const outcome = await outcomeOf(session.runTurn(() => 2, DRAFT))
      return [Object.keys(outcome), (await session.runTurn(() => 3, DRAFT)).value]
    }
    const first = await startProcess({ orchestrator })
    leave(
      run(first, async (session) => [
        await session.runTurn(() => 1, DRAFT),
        await outcomeOf(session.runTurn(() => 2, DRAFT)),
        await never(),
      ]),
    )
    await pass(first)
    const second = await first.crash({ orchestrator: { budgetUsd: 1, enforceBudget: true } })
    expect(await run(second, spent)).toEqual([['threw'], 3])
  })

  it('has used of its limits what it had used [DUR-25]', async () => {
    const second = await left(turns(2, never), { usageLimits: { maxTotalTokens: 15_000 } })
    expect(
      await outcomeOf(
        run(
          second,
          turns(2, () => 'end'),
        ),
      ),
    ).toMatchObject({
      threw: { code: 'usage_limit_exceeded', called: true },
    })
  })

  it('has run as many turns as were answered: the one that was interrupted does not count [DUR-27]', async () => {
    const second = await left(turns(2, never), { maxIterations: 3 })
    expect(second.runtime.select.summary('session-1').turns.iterations).toBe(2)
    expect(await afterwards(second)).toMatchObject({ threw: { code: 'max_iterations_exceeded', maxIterations: 3 } })
    expect(second.runtime.select.summary('session-1').turns).toMatchObject({
      iterations: 3,
      completed: 3,
      cancelled: 1,
    })
  })

  it('has made as many tool calls as were answered: the one that was interrupted does not count [DUR-27]', async () => {
    const tools =
      (last: () => unknown): Fn<unknown> =>
      async (session) => {
        await session.runTool('a', () => 1, { idempotent: true })
        await session.runTool('b', last, { idempotent: true })
        return outcomeOf(session.runTool('c', () => 3, { idempotent: true }))
      }
    const second = await left(tools(never), { governance: [{ limit: 'max_tool_calls', value: 2 }] })
    const outcome = await run(
      second,
      tools(() => 2),
    )
    expect(outcome).toMatchObject({ threw: { code: 'governance_breach' } })
  })

  it('has failed in a row as often as it had [DUR-25]', async () => {
    const failing =
      (last: () => unknown): Fn<unknown> =>
      async (session) => {
        await outcomeOf(session.runTurn(() => Promise.reject(new Error('no'))))
        return outcomeOf(session.runTurn(last))
      }
    const second = await left(failing(never), { governance: [{ limit: 'max_consecutive_failures', value: 2 }] })
    await run(
      second,
      failing(() => Promise.reject(new Error('no'))),
    )
    expect(second.runtime.select.summary('session-1').turns.failed).toBe(2)
    expect(second.runtime.getState().sessions.scopes.runtime.turns.failuresInARow).toBe(2)
  })

  it('cleared its failures once, and not again when it comes by there again [DUR-3]', async () => {
    const fn =
      (last: () => unknown): Fn<unknown> =>
      async (session) => {
        await outcomeOf(session.runTurn(() => Promise.reject(new Error('no'))))
        session.clearFailures()
        await outcomeOf(session.runTurn(() => Promise.reject(new Error('no'))))
        return (await session.runTurn(last)).value
      }
    const second = await left(fn(never), {})
    leave(run(second, fn(never)))
    await pass(second)
    expect(second.runtime.select.session('session-1')?.turns.failuresInARow).toBe(1)
    expect(second.factTypes().filter((type) => type === 'governance/failuresCleared')).toHaveLength(1)
  })

  it('keeps limits that were raised while it ran [DUR-25]', async () => {
    const raising =
      (last: () => unknown): Fn<unknown> =>
      async (session) => {
        await session.runTurn(() => 1)
        session.raiseLimits({ maxIterations: 3 })
        await session.runTurn(() => 2)
        return (await session.runTurn(last)).value
      }
    const second = await left(raising(never), { maxIterations: 1 })
    expect(
      await run(
        second,
        raising(() => 'end'),
      ),
    ).toBe('end')
    expect(second.factTypes().filter((type) => type === 'limits/raised')).toHaveLength(1)
  })

  it('counts for its project what all processes used, once [DUR-25]', async () => {
    const second = await left(turns(2, never), { projectId: 7 })
    await run(
      second,
      turns(2, () => 'end'),
    )
    const third = await second.crash()
    expect(third.runtime.getState().sessions.scopes.projects).toEqual(
      second.runtime.getState().sessions.scopes.projects,
    )
    expect(third.runtime.select.summary('session-1').usage).toMatchObject({ inputTokens: 15_000, turns: 3 })
  })
})
