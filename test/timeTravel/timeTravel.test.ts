import { describe, expect, it, vi } from 'vitest'
import { replay, TimeTravellingError } from '../../src/index.js'
import { createDevTools } from '../support/devTools.js'
import { createTestRuntime, deferred, DRAFT, rejection } from '../support/runtime.js'
import { settle } from '../../src/testing/index.js'

function travelling(whileTimeTravelling?: 'wait' | 'reject') {
  const devTools = createDevTools()
  const test = createTestRuntime({}, { enhancers: [devTools.enhancer], whileTimeTravelling })
  return { ...test, devTools }
}

describe('a runtime in DevTools', () => {
  it('shows the state that was jumped to, and runs no saga for that [TT-1]', async () => {
    const { orchestrator, runtime, devTools } = travelling()
    const model = vi.fn(() => 'text')
    await orchestrator.session((session) => session.runTurn(model, DRAFT))
    devTools.jumpTo('turns/started')
    expect(runtime.select.session('session-1')?.turns).toMatchObject({ started: 1, completed: 0 })
    expect(runtime.isLive()).toBe(false)
    devTools.jumpToLast()
    expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
    expect(runtime.isLive()).toBe(true)
    expect(model).toHaveBeenCalledTimes(1)
  })

  it('holds calls back while it shows the past, says so once, and goes on when it is live again [TT-2]', async () => {
    const { orchestrator, devTools, warnings } = travelling()
    const model = vi.fn(() => 'text')
    await orchestrator.session((session) => session.runTurn(model, DRAFT))
    devTools.jumpTo('turns/started')
    const waiting = [1, 2].map(() => orchestrator.session((session) => session.runTurn(model, DRAFT)))
    await settle()
    expect(model).toHaveBeenCalledTimes(1)
    expect(warnings).toEqual([
      'the store shows the state after fact 4, and the log is at fact 6. Calls are made once it is live again: in DevTools, go to the last action and undo skips; after an import or a reset, goLive()',
    ])
    devTools.jumpToLast()
    await Promise.all(waiting)
    expect(model).toHaveBeenCalledTimes(3)
  })

  it('holds back a call of a session that runs [TT-2]', async () => {
    const { orchestrator, devTools } = travelling()
    const model = vi.fn(() => 'text')
    const tool = vi.fn(() => 'found')
    const session = await orchestrator.open()
    devTools.jumpTo('@@INIT')
    const turn = session.runTurn(model, DRAFT)
    const called = session.runTool('find', tool)
    await settle()
    expect(model).not.toHaveBeenCalled()
    expect(tool).not.toHaveBeenCalled()
    devTools.jumpToLast()
    expect((await turn).value).toBe('text')
    expect(await called).toBe('found')
  })

  it('rejects calls instead, where that is asked for, and parks the session that made them [TT-3]', async () => {
    const { orchestrator, devTools, runtime } = travelling('reject')
    const model = vi.fn(() => 'text')
    const go = deferred<undefined>()
    const running = orchestrator.session(async (session) => {
      await go.promise
      return session.runTurn(model, DRAFT)
    })
    await settle()
    devTools.jumpTo('@@INIT')
    go.resolve(undefined)
    const error = await rejection(running)
    expect(error).toBeInstanceOf(TimeTravellingError)
    expect(error).toMatchObject({ code: 'time_travelling', shownSeq: 0, liveSeq: 3 })
    expect(await rejection(orchestrator.session(() => 1))).toBeInstanceOf(TimeTravellingError)
    devTools.jumpToLast()
    expect(runtime.select.session('session-1')?.lifecycle.parkedAt).not.toBeNull()
    expect(model).not.toHaveBeenCalled()
  })

  it('records what was in flight when somebody went back, and shows it at the end [TT-4]', async () => {
    const { orchestrator, devTools, runtime } = travelling()
    const answer = deferred<string>()
    const running = orchestrator.session((session) => session.runTurn(() => answer.promise, DRAFT))
    await settle()
    devTools.jumpTo('@@INIT')
    answer.resolve('text')
    expect((await running).value).toBe('text')
    expect(runtime.getState().seq).toBe(0)
    expect(devTools.types().slice(-2)).toEqual(['turns/completed', 'sessions/completed'])
    devTools.jumpToLast()
    expect(runtime.isLive()).toBe(true)
    expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
  })

  it('is not live while an action is skipped, and is when it is taken in again [TT-5]', async () => {
    const { orchestrator, devTools, runtime } = travelling()
    await orchestrator.session((session) => session.runTurn(() => 'text', DRAFT))
    devTools.toggle('turns/completed')
    expect(runtime.select.totals().costUsd).toBe(0)
    expect(runtime.isLive()).toBe(false)
    devTools.toggle('turns/completed')
    expect(runtime.isLive()).toBe(true)
    await orchestrator.session((session) => session.runTurn(() => 'text', DRAFT))
    expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
  })

  it('shows an imported history, and its own again after goLive [TT-6]', async () => {
    const other = travelling()
    await other.orchestrator.session((session) => session.runTurn(() => 'text', DRAFT))
    const { orchestrator, devTools, runtime } = travelling()
    const model = vi.fn(() => 'text')
    devTools.importHistory(other.devTools.exportHistory())
    expect(runtime.select.totals().turns).toBe(1)
    const waiting = orchestrator.session((session) => session.runTurn(model, DRAFT))
    await settle()
    expect(model).not.toHaveBeenCalled()
    runtime.goLive()
    await waiting
    expect(model).toHaveBeenCalledTimes(1)
    expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
  })

  it('goes live again after a reset of DevTools [TT-6]', async () => {
    const { orchestrator, devTools, runtime } = travelling()
    await orchestrator.session((session) => session.runTurn(() => 'text', DRAFT))
    devTools.reset()
    expect(runtime.getState().seq).toBe(0)
    runtime.goLive()
    expect(runtime.isLive()).toBe(true)
  })

  it('loses no fact that DevTools did not let through [TT-7]', async () => {
    const { orchestrator, devTools, runtime } = travelling()
    const session = await orchestrator.open()
    devTools.lockChanges(true)
    await session.fail('gone', 'unknown')
    devTools.lockChanges(false)
    expect(runtime.getState().seq).toBe(3)
    runtime.goLive()
    expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
  })

  it('lets a call that waits be cancelled, and a runtime that waits go down [TT-8]', async () => {
    const { orchestrator, devTools, runtime } = travelling()
    const model = vi.fn(() => 'text')
    const session = await orchestrator.open()
    devTools.jumpTo('@@INIT')
    const turn = rejection(session.runTurn(model, DRAFT))
    const opening = new AbortController()
    const unopened = rejection(orchestrator.session(() => 1, { signal: opening.signal }))
    await settle()
    runtime.cancelSession('session-1')
    opening.abort(new Error('not wanted'))
    expect(await turn).toMatchObject({ code: 'cancelled' })
    expect(await unopened).toMatchObject({ message: 'not wanted' })
    const late = rejection(orchestrator.session(() => 1))
    await settle()
    await runtime.close()
    expect(await late).toMatchObject({ code: 'runtime_draining' })
    expect(model).not.toHaveBeenCalled()
  })

  it('opens no session in the past for whoever ends it [TT-2]', async () => {
    const { orchestrator, devTools, factTypes } = travelling()
    devTools.jumpTo('@@INIT')
    const opening = orchestrator.open()
    await settle()
    expect(factTypes()).not.toContain('sessions/opened')
    devTools.jumpToLast()
    expect((await opening).status).toBe('running')
  })

  it('makes no held call because it drains, and parks its session in time [TT-8]', async () => {
    const { orchestrator, devTools, runtime, clock } = travelling()
    const model = vi.fn(() => 'text')
    const session = await orchestrator.open()
    devTools.jumpTo('@@INIT')
    const turn = rejection(session.runTurn(model, DRAFT))
    await settle()
    const drained = runtime.drain({ timeoutMs: 1_000 })
    await clock.advance(1_000)
    expect(await drained).toEqual({ finished: 0, parked: [session.id] })
    expect(await turn).toMatchObject({ code: 'session_parked' })
    expect(model).not.toHaveBeenCalled()
  })

  it('notices who gives up at the moment in which somebody goes back again [TT-8]', async () => {
    const { orchestrator, devTools } = travelling()
    const opening = new AbortController()
    devTools.jumpTo('@@INIT')
    const unopened = rejection(orchestrator.session(() => 1, { signal: opening.signal }))
    await settle()
    devTools.jumpToLast()
    devTools.jumpTo('@@INIT')
    opening.abort(new Error('not wanted'))
    expect(await unopened).toMatchObject({ message: 'not wanted' })
  })

  it('makes no further attempt of a turn in the past [TT-9]', async () => {
    const { orchestrator, devTools, clock } = (() => {
      const devTools = createDevTools()
      const recovery = { mode: 'execute', backoff: { jitter: 'none' } } as const
      return { ...createTestRuntime({ recovery }, { enhancers: [devTools.enhancer], seed: 1 }), devTools }
    })()
    const model = vi.fn((): string => {
      if (model.mock.calls.length === 1) throw Object.assign(new Error('overloaded'), { status: 529 })
      return 'text'
    })
    const turn = orchestrator.session((session) => session.runTurn(model, DRAFT))
    await settle()
    devTools.jumpTo('@@INIT')
    await clock.advance(60_000)
    expect(model).toHaveBeenCalledTimes(1)
    devTools.jumpToLast()
    await settle()
    expect((await turn).value).toBe('text')
  })
})
