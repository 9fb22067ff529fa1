import { describe, expect, it, vi } from 'vitest'
import { facts, replay, selectorsOf, type AgentSession, type GovernanceLimitName } from '../src/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

const turn = (session: AgentSession) => session.runTurn(() => 'answer', DRAFT)
const boom = () => Promise.reject(new Error('boom'))

describe('a thread', () => {
  it('sums up what its sessions did together, and no others', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const first = await orchestrator.open({ threadId: 'essay' })
    const second = await orchestrator.open({ threadId: 'essay' })
    const other = await orchestrator.open({ threadId: 'poem' })
    await Promise.all([turn(first), turn(second), turn(other)])
    await rejection(second.runTurn(boom))
    await first.runTool('lookup', () => 1, { args: 'RAG' })
    const essay = runtime.select.thread('essay')
    expect(essay).toMatchObject({
      turns: { started: 3, completed: 2, failed: 1, failuresInARow: 1 },
      tools: { completed: 1 },
      usage: [{ model: 'your-model', turns: 2, inputTokens: 10_000 }],
      running: 2,
    })
    expect(runtime.select.thread('poem')?.turns.started).toBe(1)
    expect(runtime.select.thread('novel')).toBeUndefined()
  })

  it('remembers sessions that were evicted [USE-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 4 }, { retainEndedSessions: 0 })
    for (let run = 0; run < 3; run += 1) await orchestrator.session(turn, { threadId: 'essay' })
    expect(runtime.select.session('session-1')).toBeUndefined()
    expect(runtime.select.thread('essay')).toMatchObject({ turns: { completed: 3 }, running: 0 })
    expect(runtime.select.project(4)).toMatchObject({ turns: { completed: 3 }, usage: [{ turns: 3 }] })
  })

  it('is taken up by the session that adopts a handoff into it', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    const handoff = await orchestrator.session((session) => session.handoffTo('editor', { reason: 'next' }))
    await editor.session(turn, { handoff, threadId: 'essay' })
    expect(runtime.select.thread('essay')).toMatchObject({ turns: { completed: 1 }, running: 0 })
  })
})

describe('a project', () => {
  it('sums up what its sessions did together, of whatever orchestrator', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 7 })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review', projectId: 7 })
    const stranger = runtime.orchestrator({ role: 'writer', phase: 'draft', projectId: 8 })
    for (const one of [orchestrator, editor, stranger]) await one.session(turn)
    expect(runtime.select.project(7)?.turns.completed).toBe(2)
    expect(runtime.select.project(8)?.turns.completed).toBe(1)
    expect(runtime.select.project(9)).toBeUndefined()
    expect(runtime.select.totals(7)).toMatchObject({ turns: 2, costUsd: 0.066 })
  })
})

describe('a governance limit', () => {
  const scoped = (scope: 'thread' | 'project', limit: GovernanceLimitName, value: number, projectId = 7) =>
    ({ role: 'writer', phase: 'draft', projectId, governance: [{ limit, value, scope }] }) as const
  const outcomeOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)

  it('of $0.01 on a project holds five sessions [GOV-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime(scoped('project', 'max_budget_usd', 0.01))
    const model = vi.fn(() => 'answer')
    const cheap = { model: 'your-model', usage: { inputTokens: 3_000 } }
    const outcomes = []
    for (let run = 0; run < 5; run += 1) {
      outcomes.push(await outcomeOf(orchestrator.session((session) => session.runTurn(model, cheap))))
    }
    expect(model).toHaveBeenCalledTimes(2)
    const breach = { limitName: 'max_budget_usd', observed: 0.018, ceiling: 0.01, scope: 'project' }
    expect(outcomes).toMatchObject([{ value: 'answer' }, breach, breach, breach, breach])
    expect(runtime.select.totals(7).costUsd).toBe(0.018)
  })

  it.each(['thread', 'project'] as const)(
    'on a %s counts its sessions together, and no others [GOV-3]',
    async (scope) => {
      const { orchestrator, runtime } = createTestRuntime(scoped(scope, 'max_iterations', 3))
      const [first, second] = [await orchestrator.open({ threadId: 'a' }), await orchestrator.open({ threadId: 'a' })]
      for (const session of [first, second, first]) await turn(session)
      for (const session of [first, second, await orchestrator.open({ threadId: 'a' })]) {
        expect(await rejection(turn(session))).toMatchObject({ limitName: 'max_iterations', ceiling: 3, scope })
      }
      const others = runtime.orchestrator(scoped(scope, 'max_iterations', 3, 8))
      await expect(others.session(turn, { threadId: 'b' })).resolves.toBeDefined()
    },
  )

  it.each<[GovernanceLimitName, (session: AgentSession) => Promise<unknown>]>([
    ['max_tool_calls', (session) => session.runTool('lookup', () => 1)],
    ['max_repeated_calls', (session) => session.runTool('search', () => 1, { args: { q: 'RAG' } })],
    ['max_consecutive_failures', (session) => session.runTurn(boom)],
  ])('%s on a thread counts all of its sessions [GOV-3]', async (limit, act) => {
    const { orchestrator } = createTestRuntime(scoped('thread', limit, 1))
    const [first, second] = [await orchestrator.open({ threadId: 'a' }), await orchestrator.open({ threadId: 'a' })]
    await outcomeOf(act(first))
    expect(await rejection(act(second))).toMatchObject({ limitName: limit, observed: 2, scope: 'thread' })
  })

  it('binds nobody who is outside of its scope [GOV-3]', async () => {
    const { runtime } = createTestRuntime()
    const governance = (['thread', 'project'] as const).map(
      (scope) => ({ limit: 'max_iterations', value: 0, scope }) as const,
    )
    const session = await runtime.orchestrator({ role: 'writer', phase: 'draft', governance }).open()
    await expect(turn(session)).resolves.toBeDefined()
  })

  it('on a project clears the failures of all of its sessions at once [GOV-12]', async () => {
    const { orchestrator } = createTestRuntime(scoped('project', 'max_consecutive_failures', 0))
    const [first, second] = [await orchestrator.open(), await orchestrator.open()]
    await rejection(first.runTurn(boom))
    expect(await rejection(turn(second))).toMatchObject({ code: 'governance_breach' })
    second.clearFailures()
    await expect(turn(first)).resolves.toBeDefined()
  })
})

describe('threads that are too many', () => {
  const threads = ['a', 'b', 'c', 'd'] as const

  it('are forgotten when they are at rest: first those that were opened longest ago [SESS-19]', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainThreads: 2 })
    for (const threadId of ['a', 'b', 'a', 'c', 'd']) await orchestrator.session(turn, { threadId })
    expect(threads.map((id) => runtime.select.thread(id)?.turns.completed)).toEqual([undefined, undefined, 1, 1])
    const evicted = runtime.log.facts().filter(facts.threadsEvicted.match)
    expect(evicted.map(({ payload }) => payload.threadIds)).toEqual([['b'], ['a']])
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })

  it('stay as long as a session runs in them [SESS-19]', async () => {
    const governance = [{ limit: 'max_iterations', value: 1, scope: 'thread' }] as const
    const { orchestrator, runtime } = createTestRuntime({ governance }, { retainThreads: 0 })
    const [one, two] = [await orchestrator.open({ threadId: 'a' }), await orchestrator.open({ threadId: 'a' })]
    await turn(one)
    await one.complete()
    for (const threadId of ['b', 'c']) await orchestrator.session(turn, { threadId })
    expect(threads.map((id) => runtime.select.thread(id)?.running)).toEqual([1, undefined, undefined, undefined])
    expect(await rejection(turn(two))).toMatchObject({ scope: 'thread', observed: 2 })
    await two.cancel()
    expect(runtime.select.thread('a')).toBeUndefined()
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })

  it('begin anew, with nothing counted and no key answered [SESS-19]', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainThreads: 1 })
    const model = vi.fn(() => 'answer')
    const keyed = (session: AgentSession) => session.runTurn(model, { ...DRAFT, idempotencyKey: 'first' })
    for (const threadId of ['a', 'a', 'b', 'a']) await orchestrator.session(keyed, { threadId })
    expect(model).toHaveBeenCalledTimes(3)
    expect(runtime.select.thread('a')?.turns).toMatchObject({ started: 1, completed: 1, replayed: 0 })
    expect(runtime.select.totals()).toMatchObject({ turns: 3 })
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })

  it('take what a session still runs when it has ended with them', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainThreads: 0, retainEndedSessions: 0 })
    const session = await orchestrator.open({ threadId: 'a' })
    const answer = deferred<string>()
    const late = session.runTurn(() => answer.promise, { ...DRAFT, idempotencyKey: 'first' })
    await session.complete()
    answer.resolve('late')
    await expect(late).resolves.toMatchObject({ value: 'late' })
    expect(runtime.select.thread('a')).toBeUndefined()
    expect(runtime.select.totals()).toMatchObject({ turns: 1, costUsd: 0.033 })
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })

  it('can be looked at as they were, at any fact of the log', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainThreads: 1 })
    for (const threadId of threads) await orchestrator.session(turn, { threadId })
    const log = runtime.log.facts()
    const end = log.findIndex(facts.threadsEvicted.match)
    expect(selectorsOf(replay(log.slice(0, end)), 0).thread('a')?.turns.completed).toBe(1)
    expect(selectorsOf(replay(log.slice(0, end + 1)), 0).thread('a')).toBeUndefined()
  })
})
