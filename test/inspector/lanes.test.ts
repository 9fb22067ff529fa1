import { describe, expect, it } from 'vitest'
import { breakerStateAt } from '../../slices/rules/breaker.js'
import { budgetOf, costOf, costUntil, createRun } from '../../src/inspector/model/index.js'
import { tellStory } from '../cli/story.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

const API = { name: 'api', failureThreshold: 2, recoveryTimeoutMs: 1_000 }
const down = () => Promise.reject(new Error('down'))

describe('cost over time', () => {
  it('never falls, and ends with what the sessions cost together [INSP-14]', async () => {
    const run = createRun(await tellStory())
    const { usd, seq, at, sessionId } = run.cost
    expect([seq, sessionId]).toEqual([
      [7, 19, 25, 27],
      ['session-1', 'session-2', 'session-3', 'session-3'],
    ])
    expect(usd).toEqual([0.01515, 0.0498, 0.0498, 0.0498])
    expect(at).toEqual(seq.map((number) => run.factAt(number)?.meta.at))
    expect(usd.at(-1)).toBeCloseTo(
      run.sessions.reduce((sum, { costUsd }) => sum + costUsd, 0),
      12,
    )
  })

  it('is told of chosen sessions alone, and up to a fact [INSP-14]', async () => {
    const run = createRun(await tellStory())
    expect(costOf(run)).toBe(run.cost)
    expect(costOf(run, ['session-2'])).toMatchObject({ seq: [19], usd: [0.03465] })
    expect(costOf(run, ['session-1', 'session-2']).usd).toEqual([0.01515, 0.0498])
    expect([0, 6, 7, 18, 19, 31, 99].map((seq) => costUntil(run.cost, seq))).toEqual([
      0, 0, 0.01515, 0.01515, 0.0498, 0.0498, 0.0498,
    ])
  })
})

describe('the budget of a session', () => {
  it('is told with what was spent and promised, wherever that changed [INSP-15]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ budgetUsd: 0.05, enforceBudget: true })
    const session = await orchestrator.open()
    const estimate = { inputTokens: 5_000, outputTokens: 1_200 }
    await session.runTurn(() => clock.advance(10), { ...DRAFT, estimate })
    await session.runTurn(() => clock.advance(10), { ...DRAFT }).catch(() => undefined)
    session.raiseLimits({ budgetUsd: 1 })
    const lane = budgetOf(createRun(runtime.log.facts()), session.id)
    expect(lane).toMatchObject({
      at: [1_000, 1_000, 1_010, 1_020, 1_020],
      spentUsd: [0, 0, 0.033, 0.066, 0.066],
      reservedUsd: [0, 0.033, 0, 0, 0],
      budgetUsd: [0.05, 0.05, 0.05, 0.05, 1],
      exceeded: [{ at: 1_020, costUsd: 0.066, budgetUsd: 0.05, enforced: true }],
    })
  })

  it('is nothing of a session that is not in the log [INSP-15]', async () => {
    expect(budgetOf(createRun(await tellStory()), 'session-9')).toBeUndefined()
  })
})

describe('the lane of a circuit breaker', () => {
  async function trip() {
    const test = createTestRuntime({ circuitBreaker: API, model: 'your-model' })
    const session = await test.orchestrator.open()
    for (let count = 0; count < 2; count += 1) await session.runTurn(down).catch(() => undefined)
    return { ...test, session }
  }

  it('opens with the failure that opens it, and is half-open when its time is up [INSP-16]', async () => {
    const { runtime, clock, session } = await trip()
    await clock.advance(2_500)
    await session.runTurn(() => clock.advance(100))
    await session.runTurn(() => clock.advance(50))
    const run = createRun(runtime.log.facts())
    expect(run.breakers.map(({ name }) => name)).toEqual(['api'])
    expect(run.breakers[0]?.intervals.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['closed', 1_000, 1_000],
      ['open', 1_000, 2_000],
      ['half_open', 2_000, 3_600],
      ['closed', 3_600, 3_650],
    ])
  })

  it('tells which fact began each interval, and of none where time did [INSP-16]', async () => {
    const { runtime, clock, session } = await trip()
    await clock.advance(2_500)
    await session.runTurn(() => 1)
    const run = createRun(runtime.log.facts())
    const [, open, halfOpen, closed] = run.breakers[0]?.intervals ?? []
    expect(run.factAt(open?.fromSeq ?? 0)?.type).toBe('turns/failed')
    expect(halfOpen?.fromSeq).toBeNull()
    expect(run.factAt(closed?.fromSeq ?? 0)?.type).toBe('turns/completed')
  })

  it('is as the reducers say at every fact, without gaps [INSP-16]', async () => {
    const { runtime, clock, session } = await trip()
    await clock.advance(400)
    await session.runTurn(() => 1).catch(() => undefined)
    await clock.advance(800)
    await session.runTurn(down).catch(() => undefined)
    await clock.advance(3_000)
    await session.runTool('look', () => 1)
    const run = createRun(runtime.log.facts())
    const intervals = run.breakers[0]?.intervals ?? []
    for (const [index, { to }] of intervals.entries()) {
      if (index < intervals.length - 1) expect(intervals[index + 1]?.from).toBe(to)
    }
    expect(intervals.at(-1)?.to).toBe(run.lastAt)
    let compared = 0
    for (let at = run.firstAt; at < run.lastAt; at += 50) {
      const last = run.facts.filter(({ meta }) => meta.at <= at).at(-1)
      const breaker = run.stateAt(last?.meta.seq ?? 0).breakers['api']
      const interval = intervals.find(({ from, to }) => from <= at && at < to)
      if (!breaker) continue
      expect(interval?.state).toBe(breakerStateAt(breaker, at))
      compared += 1
    }
    expect(compared).toBeGreaterThan(10)
  })
})
