import { describe, expect, it } from 'vitest'
import { settle } from '../../src/testing/index.js'
import { hosted as createHost, WRITER } from '../support/hosts.js'
import { deferred, DRAFT } from '../support/runtime.js'

function hosted() {
  const test = createHost()
  const circuitBreaker = { name: 'api', failureThreshold: 1, recoveryTimeoutMs: 5_000 }
  const writer = test.runtime.orchestrator({ ...WRITER, projectId: 7, budgetUsd: 1, circuitBreaker })
  const editor = test.runtime.orchestrator({ role: 'editor', phase: 'review' })
  return { ...test, writer, editor, select: test.agents.selectors }
}

describe('the selectors of a module', () => {
  it('tell the same as those that are bound to the runtime [EMB-17]', async () => {
    const { store, runtime, writer, editor, clock, select } = hosted()
    await writer.session((session) => session.runTurn(() => 'text', DRAFT), { threadId: 'essay' })
    const session = await editor.open()
    void session.pauseForInput('Which one?').catch(() => undefined)
    await settle()
    const root = store.getState()
    const now = clock.now()
    expect(select.selectSession(root, 'session-1')).toBe(runtime.select.session('session-1'))
    expect(select.selectSessions(root).map(({ id }) => id)).toEqual(['session-1', 'session-2'])
    expect(select.selectActiveSessions(root)).toEqual(runtime.select.activeSessions())
    expect(select.selectActiveSessions(root, { role: 'writer' })).toEqual([])
    expect(select.selectPendingRequests(root)).toEqual(runtime.select.pendingRequests())
    expect(select.selectSummary(root, 'session-1', now)).toEqual(runtime.select.summary('session-1'))
    expect(select.selectSummary(root, 'session-9', now)).toBeUndefined()
    expect(select.selectSessionCostUsd(root, 'session-1')).toBeCloseTo(0.033)
    expect(select.selectTotals(root)).toEqual(runtime.select.totals())
    expect(select.selectTotals(root, 7)).toEqual(runtime.select.totals(7))
    expect(select.selectThread(root, 'essay')).toEqual(runtime.select.thread('essay'))
    expect(select.selectProject(root, 7)).toEqual(runtime.select.project(7))
    expect(select.selectRates(root, 'your-model')).toEqual(runtime.select.rates('your-model'))
    expect(select.selectIsPriced(root, 'other')).toBe(false)
    await session.cancel()
  })

  it('tell of workers that wait for a handoff [EMB-17]', async () => {
    const { store, writer, select } = hosted()
    await writer.session((session) => session.handoffTo('editor', { reason: 'review' }))
    expect(select.selectPendingHandoffs(store.getState(), { role: 'editor' })).toHaveLength(1)
    expect(select.selectPendingHandoffs(store.getState(), { role: 'writer' })).toEqual([])
  })

  it('return the same object until what it tells has changed [EMB-18]', async () => {
    const { store, writer, editor, select } = hosted()
    const waiting = await editor.open()
    void waiting.pauseForInput('Which one?').catch(() => undefined)
    await settle()
    const before = store.getState()
    const requests = select.selectPendingRequests(before)
    const summary = select.selectSummary(before, waiting.id)
    const editors = select.selectActiveSessions(before, { role: 'editor' })
    await writer.session((session) => session.runTurn(() => 'text', { usage: DRAFT.usage }))
    const after = store.getState()
    expect(after).not.toBe(before)
    expect(select.selectPendingRequests(after)).toBe(requests)
    expect(select.selectActiveSessions(after, { role: 'editor' })).toBe(editors)
    expect(select.selectSession(after, waiting.id)).toBe(select.selectSession(before, waiting.id))
    expect(select.selectSummary(after, waiting.id)).toBe(select.selectSummary(after, waiting.id))
    expect(select.selectSummary(before, waiting.id)).toEqual(summary)
    expect(select.selectTotals(after)).toBe(select.selectTotals(after))
    await waiting.cancel()
    expect(select.selectPendingRequests(store.getState())).toEqual([])
  })

  it('return the same lists to components that ask for different ones [EMB-18]', async () => {
    const { store, writer, editor, select } = hosted()
    const session = await writer.open()
    await editor.open()
    const ask = () => ['writer', 'editor'].map((role) => select.selectActiveSessions(store.getState(), { role }))
    const [, editors] = ask()
    await session.runTurn(() => 'text', DRAFT)
    expect(ask()[1]).toBe(editors)
  })

  it('return the same totals of a project while another one works [EMB-18]', async () => {
    const { store, runtime, writer, select } = hosted()
    await writer.session((session) => session.runTurn(() => 'text', DRAFT))
    const totals = select.selectTotals(store.getState(), 7)
    const other = runtime.orchestrator({ role: 'writer', phase: 'draft', projectId: 8 })
    await other.session((session) => session.runTurn(() => 'text', DRAFT))
    expect(select.selectTotals(store.getState(), 7)).toBe(totals)
  })

  it('return the same summary at another time, and after facts that do not concern it [EMB-18]', async () => {
    const { store, runtime, writer, clock, select } = hosted()
    const { id } = await writer.open()
    const summary = select.selectSummary(store.getState(), id)
    expect(select.selectSummary(store.getState(), id, clock.now())).toBe(summary)
    runtime.configureBreaker({ name: 'other' })
    expect(select.selectSummary(store.getState(), id)).toBe(summary)
    runtime.breaker('api').recordFailure()
    expect(select.selectSummary(store.getState(), id)).not.toBe(summary)
  })

  it('tell of a breaker as open until the time that is given lets a call through [EMB-19]', async () => {
    const { store, runtime, clock, select } = hosted()
    runtime.breaker('api').recordFailure()
    const root = store.getState()
    const open = select.selectBreaker(root, 'api')
    expect(open?.state).toBe('open')
    expect(select.selectBreaker(root, 'api', clock.now() + 5_000)?.state).toBe('half_open')
    expect(select.selectBreaker(root, 'api')).toBe(open)
    expect(select.selectBreakers(root)).toEqual([open])
    expect(select.selectBreakers(root, clock.now())).toBe(select.selectBreakers(root))
    expect(select.selectBreaker(root, 'other')).toBeUndefined()
  })

  it('show a turn that runs, and what it cost when it is over [EMB-18]', async () => {
    const { store, writer, select } = hosted()
    const answer = deferred<string>()
    const running = writer.session((session) => session.runTurn(() => answer.promise, DRAFT))
    await settle()
    expect(select.selectSession(store.getState(), 'session-1')?.inFlight.turns).toHaveLength(1)
    answer.resolve('text')
    await running
    expect(select.selectSummary(store.getState(), 'session-1')?.budget).toMatchObject({ budgetUsd: 1 })
    expect(select.selectActiveSessions(store.getState())).toEqual([])
  })
})
