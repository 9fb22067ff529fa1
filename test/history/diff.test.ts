import { describe, expect, it } from 'vitest'
import {
  createMemoryLog,
  diff,
  openAgentRuntime,
  replay,
  withHashChain,
  type AgentSession,
  type Fact,
  type MemoryLog,
  type OrchestratorOptions,
  type RunDiff,
} from '../../src/index.js'
import { fork } from '../../src/history/fork.js'
import { createManualClock } from '../../src/testing/index.js'
import { createTestRuntime, DRAFT, deferred, rejection } from '../support/runtime.js'

type Program = (session: AgentSession) => unknown

const world = (options: Partial<OrchestratorOptions> = {}, runtimeOptions = {}) =>
  createTestRuntime({ qualityGate: 'standard', ...options }, runtimeOptions)

/** A run of its own: one session for each program. */
async function run(programs: readonly Program[], options: Partial<OrchestratorOptions> = {}): Promise<MemoryLog> {
  const { runtime, orchestrator } = world(options)
  for (const program of programs) await orchestrator.session(program).catch(() => undefined)
  return runtime.log
}

/** A draft, a look-up, a gate. */
const work =
  ({ tool = 'lookup', args = { term: 'log' }, level = 'strict', outputTokens = 1_200 } = {}): Program =>
  async (session) => {
    await session.runTurn(() => 'text', { ...DRAFT, usage: { ...DRAFT.usage, outputTokens } })
    await session.runTool(tool, () => 1, { args: args as never })
    session.evaluateGate(level as 'strict')
    await session.runTurn(() => 'text', DRAFT)
  }

const kindsOf = ({ facts }: RunDiff) => facts.map(({ kind }) => kind)
const withKind = ({ facts }: RunDiff, kind: string) =>
  facts.flatMap((fact) => (fact.kind === kind ? [(fact.a ?? fact.b)!.fact.type] : []))

describe('two runs of the same program', () => {
  it('are identical, however long after each other they ran [DIFF-1]', async () => {
    const early = await run([work(), work()])
    const { runtime, orchestrator, clock } = world()
    await clock.advance(86_400_000)
    await orchestrator.session(work())
    await clock.advance(1_000)
    await orchestrator.session(work())
    const result = await diff(early, runtime.log)
    expect(result).toMatchObject({ identical: true, firstDivergence: null })
    expect(new Set(kindsOf(result))).toEqual(new Set(['same']))
    expect(result.facts).toHaveLength(early.head())
    expect(result.sessions.map(({ identical, a, b }) => [identical, a?.sessionId, b?.sessionId])).toEqual([
      [true, 'session-1', 'session-1'],
      [true, 'session-2', 'session-2'],
    ])
  })

  it('cost the same and come to the same [DIFF-6]', async () => {
    const result = await diff(await run([work()]), await run([work()]))
    const outcome = {
      sessions: 1,
      status: 'completed',
      detail: null,
      turns: 2,
      tools: 1,
      inputTokens: 10_000,
      outputTokens: 2_400,
    }
    expect(result.cost).toEqual({ a: 0.066, b: 0.066, differenceUsd: 0 })
    expect(result.outcome).toEqual({ a: outcome, b: outcome })
    expect(result.sessions[0]).toMatchObject({ cost: { a: 0.066, b: 0.066 }, outcome: { a: outcome, b: outcome } })
  })

  it('are JSON to compare, from wherever they come [DIFF-1]', async () => {
    const log = await run([work()])
    const chained = await withHashChain(createMemoryLog())
    for (const fact of log.facts()) chained.append(fact.meta.stream, [fact])
    const result = await diff(JSON.parse(JSON.stringify(log.facts())) as Fact[], chained)
    expect(result.identical).toBe(true)
    expect(JSON.parse(JSON.stringify(result))).toStrictEqual(result)
  })

  it('have the same ids under other numbers [DIFF-2]', async () => {
    const alone = await run([work()])
    const { runtime, orchestrator } = world()
    runtime.registerPricing('another-model', { inputPerMillion: 1, outputPerMillion: 1 })
    runtime.orchestrator({ role: 'critic', phase: 'review' })
    await orchestrator.session(() => 'something else')
    await orchestrator.session(work(), { threadId: 'late' })
    const selected = { a: { sessionId: 'session-1' }, b: { threadId: 'late' } }
    expect((await diff(alone, runtime.log, selected)).firstDivergence).toMatchObject({
      path: 'payload.threadId',
      expected: null,
      actual: 'thread',
    })
    const { sessions } = await diff(alone, runtime.log, { ...selected, b: { sessionId: 'session-2' } })
    expect(sessions[0]?.b).toEqual({ sessionId: 'session-2', role: 'writer', threadId: 'late' })
  })

  it('may register their prices in another order [DIFF-2]', async () => {
    const logs = [['a', 'your-model-2'] as const, ['your-model-2', 'a'] as const].map(async (models) => {
      const { runtime, orchestrator } = world()
      for (const model of models) runtime.registerPricing(model, { inputPerMillion: model.length, outputPerMillion: 2 })
      await orchestrator.session((session) => session.runTurn(() => 1, { ...DRAFT, model: 'your-model-2' }), {
        threadId: 'essay',
      })
      return runtime.log
    })
    const [a, b] = await Promise.all(logs)
    const essay = { threadId: 'essay' }
    expect(await diff(a!, b!, { a: essay, b: essay })).toMatchObject({ identical: true, cost: { differenceUsd: 0 } })
  })

  it('may overlap their sessions in another way [DIFF-3]', async () => {
    const interleaved = async (order: readonly number[]) => {
      const { runtime, orchestrator } = world()
      const gates = [deferred(), deferred(), deferred()]
      const running = gates.map(async ({ promise }, index) =>
        orchestrator.session(
          async (session) => {
            await session.runTool('wait', () => promise, { args: { index } })
            await session.runTurn(() => 1, { ...DRAFT, usage: { inputTokens: index } })
          },
          { threadId: `thread-${index}` },
        ),
      )
      for (const index of order) {
        gates[index]!.resolve(1)
        await running[index]
      }
      return runtime.log
    }
    const result = await diff(await interleaved([0, 1, 2]), await interleaved([2, 0, 1]))
    expect(result).toMatchObject({ identical: true, firstDivergence: null })
  })

  it('may end calls that ran at the same time in another order [DIFF-3]', async () => {
    const parallel = async (order: readonly number[]) =>
      run([
        async (session) => {
          const gates = [deferred(), deferred()]
          const calls = gates.map(({ promise }, index) => session.runTool(`tool-${'ab'[index]}`, () => promise))
          for (const index of order) {
            gates[index]!.resolve(1)
            await calls[index]
          }
        },
      ])
    expect(await diff(await parallel([0, 1]), await parallel([1, 0]))).toMatchObject({ identical: true })
  })

  it('may have asked for the time, and slept [DIFF-1]', async () => {
    const at = async (startedAfterMs: number) => {
      const { runtime, orchestrator, clock } = world({}, { record: { results: 'json' } })
      await clock.advance(startedAfterMs)
      const running = orchestrator.session(async (session) => {
        session.now()
        await session.sleep(100)
        await session.step('greet', () => 'hello')
        await session.runTurn(() => 'text', DRAFT)
      })
      await clock.advance(200)
      await running
      return runtime.log
    }
    expect(await diff(await at(0), await at(5_000))).toMatchObject({ identical: true, firstDivergence: null })
  })

  it('may have forgotten other sessions by now [DIFF-4]', async () => {
    const { runtime, orchestrator } = world({}, { retainEndedSessions: 0 })
    for (const program of [work(), work()]) await orchestrator.session(program)
    const result = await diff(await run([work(), work()]), runtime.log)
    expect(result).toMatchObject({ identical: true, cost: { a: 0.132, b: 0.132 } })
    expect(result.outcome.b).toEqual(result.outcome.a)
  })
})

describe('two runs that differ', () => {
  it.each<[string, Program, object]>([
    [
      'a tool',
      work({ tool: 'search' }),
      { a: { fact: { type: 'tools/started' } }, path: 'payload.tool', expected: 'lookup', actual: 'search' },
    ],
    ['the arguments of a tool', work({ args: { term: 'fact' } }), { path: 'payload.fingerprint' }],
    [
      'a gate',
      work({ level: 'minimal' }),
      { a: { fact: { type: 'gates/evaluated' } }, path: 'payload.satisfied', expected: true, actual: false },
    ],
    [
      'what a turn used',
      work({ outputTokens: 900 }),
      { a: { fact: { type: 'turns/completed' } }, path: 'payload.usage.outputTokens', expected: 1_200, actual: 900 },
    ],
  ])('first part at %s [DIFF-5]', async (_, changed, expected) => {
    const result = await diff(await run([work(), work(), work()]), await run([work(), changed, work()]))
    expect(result.identical).toBe(false)
    expect(result.firstDivergence).toMatchObject(expected)
    const { index, a, b } = result.firstDivergence!
    expect(result.facts[index]).toMatchObject({ kind: 'changed', a, b })
    expect(new Set(kindsOf(result).slice(0, index))).toEqual(new Set(['same']))
    expect(result.sessions.map(({ identical }) => identical)).toEqual([true, false, true])
  })

  it('are aligned again after what only one has [DIFF-5]', async () => {
    const twice: Program = async (session) => {
      await session.runTool('extra', () => 1)
      await work()(session)
    }
    const [short, long] = [await run([work()]), await run([twice])]
    const result = await diff(short, long)
    expect(withKind(result, 'only_b')).toEqual(['tools/started', 'tools/completed'])
    expect(withKind(result, 'changed')).toEqual([])
    expect(result.firstDivergence).toMatchObject({ a: null, path: 'type', expected: null, actual: 'tools/started' })
    const mirrored = await diff(long, short)
    expect(withKind(mirrored, 'only_a')).toEqual(['tools/started', 'tools/completed'])
    expect(mirrored.firstDivergence).toMatchObject({ b: null, expected: 'tools/started', actual: null })
  })

  it('say all that is different in a fact [DIFF-5]', async () => {
    const result = await diff(await run([work()]), await run([work({ tool: 'search', args: { term: 'fact' } })]))
    const [started, completed] = result.facts.filter(({ kind }) => kind === 'changed')
    expect(started?.changes?.map(({ path }) => path)).toEqual(['payload.tool', 'payload.fingerprint'])
    expect(completed?.changes).toEqual([{ path: 'payload.tool', a: 'lookup', b: 'search' }])
  })

  it('differ in cost by what was used, at the prices of each [DIFF-6]', async () => {
    const b = world()
    b.runtime.registerPricing('your-model', { inputPerMillion: 6, outputPerMillion: 30 })
    await b.orchestrator.session(work())
    const result = await diff(await run([work()]), b.runtime.log)
    expect(result.cost).toEqual({ a: 0.066, b: 0.132, differenceUsd: 0.066 })
    expect(withKind(result, 'only_b')).toEqual(['pricing/registered'])
    const priced = result.facts.find(({ kind }) => kind === 'changed')
    expect(priced?.changes?.[0]).toEqual({ path: 'payload.price.rates.inputPerMillion', a: 3, b: 6 })
  })

  it('differ in what became of them [DIFF-6]', async () => {
    const failing: Program = async (session) => {
      await session.runTurn(() => 1, DRAFT)
      await session.fail('gave up', 'unknown')
    }
    const result = await diff(await run([work()]), await run([failing]))
    expect(result.outcome.a).toMatchObject({ status: 'completed', turns: 2, tools: 1 })
    expect(result.outcome.b).toMatchObject({ status: 'failed', detail: 'gave up', turns: 1, tools: 0 })
  })

  it('differ in their configuration first [DIFF-5]', async () => {
    const result = await diff(await run([work()], { maxIterations: 8 }), await run([work()], { maxIterations: 9 }))
    expect(result.firstDivergence).toMatchObject({ path: 'payload.config.maxIterations', expected: 8, actual: 9 })
  })

  it('name the sessions that only one has [DIFF-3]', async () => {
    const { facts, sessions, outcome } = await diff(await run([work()]), await run([work(), work()]))
    expect(sessions.map(({ a, b }) => [a?.sessionId, b?.sessionId])).toEqual([
      ['session-1', 'session-1'],
      [undefined, 'session-2'],
    ])
    expect(sessions[1]).toMatchObject({ identical: false, cost: { a: 0, b: 0.066 }, outcome: { a: null } })
    expect(facts.slice(-8).every(({ kind }) => kind === 'only_b')).toBe(true)
    expect([outcome.a.sessions, outcome.b.sessions]).toEqual([1, 2])
  })

  it('know a worker that took a handoff by its role, not by its number [DIFF-2]', async () => {
    const handOff = async (before: readonly Program[]) => {
      const { runtime, orchestrator } = world()
      const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
      for (const program of before) await orchestrator.session(program, { threadId: 'before' })
      const issued = await orchestrator.session(
        (session) => session.handoffTo('editor', { reason: 'ready', context: { draft: 'a log' } }),
        { threadId: 'essay' },
      )
      await editor.session(work(), { handoff: issued, threadId: 'essay' })
      return runtime.log
    }
    const essay = { a: { threadId: 'essay' }, b: { threadId: 'essay' } }
    const result = await diff(await handOff([]), await handOff([work(), work()]), essay)
    expect(result).toMatchObject({ identical: true, outcome: { a: { sessions: 2, status: 'completed' } } })
  })
})

describe('parts of logs', () => {
  it('are two threads of one log [DIFF-7]', async () => {
    const { runtime, orchestrator } = world()
    await orchestrator.session(work(), { threadId: 'essay' })
    await orchestrator.session(work({ tool: 'search' }), { threadId: 'essay-2' })
    await orchestrator.session(work(), { threadId: 'essay-3' })
    const threads = (a: string, b: string) => ({ a: { threadId: a }, b: { threadId: b } })
    expect(await diff(runtime.log, runtime.log, threads('essay', 'essay-3'))).toMatchObject({ identical: true })
    const result = await diff(runtime.log, runtime.log, threads('essay', 'essay-2'))
    expect(result.firstDivergence).toMatchObject({ path: 'payload.tool', actual: 'search' })
    expect(result.cost).toEqual({ a: 0.066, b: 0.066, differenceUsd: 0 })
  })

  it('are a fork and what it was forked from [DIFF-7]', async () => {
    const log = createMemoryLog()
    const begin = async (tool: string) => {
      const options = { log, clock: createManualClock(1_000), record: { results: 'json' } } as const
      const orchestrator = (await openAgentRuntime(options)).orchestrator({ role: 'writer', phase: 'draft' })
      return (threadId: string) =>
        orchestrator.session(
          async (session) => {
            await session.step('outline', () => 'an outline')
            await session.runTool(tool, () => 1)
          },
          { threadId },
        )
    }
    await (
      await begin('lookup')
    )('essay')
    const { seq } = log.facts().find(({ type }) => type === 'calls/answered')!.meta
    await fork(log, { threadId: 'essay', at: seq, as: 'essay-2', clock: createManualClock(9_000) })
    await (
      await begin('search')
    )('essay-2')
    const result = await diff(log, log, { a: { threadId: 'essay' }, b: { threadId: 'essay-2' } })
    expect(withKind(result, 'only_b')).toEqual(['sessions/parked', 'sessions/resumed'])
    expect(result.facts.find(({ kind }) => kind === 'changed')?.changes).toEqual([
      { path: 'payload.tool', a: 'lookup', b: 'search' },
    ])
  })

  it('are compared with what their orchestrators were configured with [DIFF-7]', async () => {
    const a = world({ maxIterations: 8 })
    const b = world({ maxIterations: 9 })
    for (const { orchestrator, runtime } of [a, b]) {
      runtime.orchestrator({ role: 'nobody', phase: 'none' })
      await orchestrator.session(work(), { threadId: 'essay' })
    }
    const essay = { threadId: 'essay' }
    const result = await diff(a.runtime.log, b.runtime.log, { a: essay, b: essay })
    expect(result.firstDivergence).toMatchObject({ index: 0, path: 'payload.config.maxIterations' })
    expect(result.facts.filter(({ a: one }) => one?.fact.meta.stream === '@runtime')).toHaveLength(1)
  })

  it('are one session of each log, whatever its role [DIFF-7]', async () => {
    const a = await run([work()])
    const b = await run([work(), work()], { role: 'editor' })
    const sessions = { a: { sessionId: 'session-1' }, b: { sessionId: 'session-2' } }
    const result = await diff(a, b, sessions)
    expect(result.sessions.map((session) => [session.a?.sessionId, session.b?.sessionId])).toEqual([
      ['session-1', 'session-2'],
    ])
    expect(withKind(result, 'changed')).toEqual(['orchestrators/registered', 'sessions/opened'])
  })

  it.each([
    [{ a: { threadId: 'nobody' } }, 'a.threadId'],
    [{ b: { sessionId: 'session-9' } }, 'b.sessionId'],
    [{ a: { threadId: ' ' } }, 'a.threadId'],
    [{ b: { thread: 'essay' } }, 'b.thread'],
    [{ left: {} }, 'left'],
  ])('that are not there are refused: %j [DIFF-7]', async (options, field) => {
    const log = await run([work()])
    expect(await rejection(diff(log, log, options as never))).toMatchObject({ code: 'invalid_argument', field })
  })

  it('that are no logs are refused [DIFF-7]', async () => {
    expect(await rejection(diff([], 7 as never))).toMatchObject({ code: 'invalid_argument', field: 'b' })
  })

  it('with a gap are refused as damaged [DIFF-7]', async () => {
    const log = await run([work()])
    const facts = log.facts().filter(({ meta }) => meta.seq !== 4)
    expect(await rejection(diff(log, facts))).toMatchObject({ code: 'log_corrupt', position: { seq: 5 } })
  })
})

describe('long runs', () => {
  it('with thousands of differences are compared all the same [DIFF-5]', async () => {
    const long =
      (outputTokens: number): Program =>
      async (session) => {
        for (let turn = 0; turn < 2_000; turn += 1) {
          await session.runTurn(() => 1, { model: 'your-model', usage: { inputTokens: turn, outputTokens } })
        }
      }
    const [a, b] = [await run([long(1)], { maxIterations: 9_999 }), await run([long(2)], { maxIterations: 9_999 })]
    const result = await diff(a, b)
    expect(withKind(result, 'changed')).toHaveLength(2_000)
    expect(withKind(result, 'only_a')).toEqual([])
    expect(replay(a.facts()).seq).toBe(result.facts.length)
  })
})
