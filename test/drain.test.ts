import { describe, expect, it, vi } from 'vitest'
import {
  facts,
  NoPendingRequestError,
  replay,
  RuntimeDrainingError,
  SessionParkedError,
  type TurnCall,
} from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { decide } from './support/people.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

const hang = (): Promise<never> => new Promise(() => undefined)

describe('draining', () => {
  it('waits for the sessions that run, and opens no others [SESS-15, SESS-16]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const answer = deferred<string>()
    const running = orchestrator.session((session) => session.runTurn(() => answer.promise, DRAFT))
    const opened = await orchestrator.open()
    const drained = runtime.drain({ timeoutMs: 5_000 })
    const refused = await rejection(orchestrator.session(() => 1))
    expect(refused).toBeInstanceOf(RuntimeDrainingError)
    expect(refused).toMatchObject({ code: 'runtime_draining' })
    expect(await rejection(orchestrator.open())).toBeInstanceOf(RuntimeDrainingError)

    answer.resolve('in time')
    expect((await running).value).toBe('in time')
    await opened.runTurn(() => 'still allowed', DRAFT)
    await opened.complete()
    expect(await drained).toEqual({ finished: 2, parked: [] })
    expect(clock.pendingTimers).toBe(0)
    expect(runtime.select.totals().turns).toBe(2)
  })

  it('parks what has not finished in time: its calls are aborted, and what they used is recorded [SESS-17]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime()
    const seen: AbortSignal[] = []
    const model = (call: TurnCall) => {
      seen.push(call.signal)
      call.reportUsage({ inputTokens: 40 })
      return hang()
    }
    const running = orchestrator.session(async (session) => {
      seen.push(session.signal)
      await Promise.all([session.runTurn(model, { model: 'your-model' }), session.runTool('slow', hang)])
    })
    const outcome = rejection(running)
    const drained = runtime.drain({ timeoutMs: 5_000 })
    await clock.advance(4_999)
    expect(sessionFacts()).not.toContain('sessions/parked')
    await clock.advance(1)
    expect(await drained).toEqual({ finished: 0, parked: ['session-1'] })
    const error = await outcome
    expect(error).toBeInstanceOf(SessionParkedError)
    expect(error).toMatchObject({ code: 'session_parked', sessionId: 'session-1' })
    expect(sessionFacts().slice(3)).toEqual(['sessions/parked', 'turns/cancelled', 'tools/cancelled'])
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(runtime.select.summary('session-1')).toMatchObject({
      status: 'running',
      endedAt: null,
      turns: { cancelled: 1 },
      inFlight: { turns: [], tools: [] },
      usage: { inputTokens: 40 },
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('has recorded what was aborted by the time it resolves', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(hang, DRAFT))
    await runtime.drain({ timeoutMs: 0 })
    expect(session.summary()).toMatchObject({ turns: { cancelled: 1 }, inFlight: { turns: [] } })
    expect(await turn).toBeInstanceOf(SessionParkedError)
  })

  it('parks at once when it is given no time', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const sessions = [await orchestrator.open(), await orchestrator.open()]
    expect(await runtime.drain({ timeoutMs: 0 })).toEqual({ finished: 0, parked: sessions.map(({ id }) => id) })
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits for ten seconds when nobody says how long [SESS-15]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    await orchestrator.open()
    const drained = runtime.drain()
    await clock.advance(9_999)
    expect(runtime.log.facts().some(facts.sessionParked.match)).toBe(false)
    await clock.advance(1)
    expect(await drained).toMatchObject({ parked: ['session-1'] })
  })

  it('has nothing to do where nothing runs', async () => {
    const { orchestrator, runtime, clock, factTypes } = createTestRuntime()
    await orchestrator.session(() => 1)
    const before = factTypes()
    expect(await runtime.drain()).toEqual({ finished: 0, parked: [] })
    expect(factTypes()).toEqual(before)
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts a session that fails or is cancelled meanwhile as finished [SESS-16]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const [first, second] = [await orchestrator.open(), await orchestrator.open()]
    const drained = runtime.drain()
    await first.fail('down')
    runtime.cancelSession(second.id)
    expect(await drained).toEqual({ finished: 2, parked: [] })
  })

  it('leaves workers that wait for their handoff to be picked up [SESS-16]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const handoff = await orchestrator.session((session) => session.handoffTo('editor', { reason: 'r' }))
    expect(await runtime.drain()).toEqual({ finished: 0, parked: [] })
    expect(runtime.select.pendingHandoffs()).toEqual([handoff])
    expect(await rejection(editor.open({ handoff }))).toBeInstanceOf(RuntimeDrainingError)
    expect(runtime.select.pendingHandoffs()).toEqual([handoff])
  })

  it('waits for calls that a completed session has left running [SESS-16]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const session = await orchestrator.open()
    const answer = deferred<string>()
    const turn = session.runTurn(() => answer.promise, DRAFT)
    await session.complete()
    let isDrained = false
    const drained = runtime.drain().then((result) => {
      isDrained = true
      return result
    })
    await settle()
    expect(isDrained).toBe(false)
    answer.resolve('late')
    expect(await drained).toEqual({ finished: 0, parked: [] })
    expect((await turn).value).toBe('late')
    expect(runtime.select.totals().turns).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('aborts calls that a completed session has left running when their time is up', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(hang, DRAFT))
    await session.complete()
    const drained = runtime.drain({ timeoutMs: 100 })
    await clock.advance(100)
    expect(await drained).toEqual({ finished: 0, parked: [] })
    expect(await turn).toMatchObject({ code: 'session_ended', status: 'completed' })
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'sessions/completed', 'turns/cancelled'])
  })

  it('waits for the function of a session that has ended', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const cleanup = deferred<string>()
    const running = orchestrator.session(async (session) => {
      await session.complete()
      return cleanup.promise
    })
    await settle()
    const done = vi.fn()
    const drained = runtime.drain().then(done)
    await settle()
    expect(done).not.toHaveBeenCalled()
    cleanup.resolve('tidied up')
    await drained
    expect(await running).toBe('tidied up')
  })

  it('does not hang on a hook that does', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ hooks: [{ name: 'slow', afterModel: hang }] })
    const session = await orchestrator.open()
    void session.runTurn(() => 1, DRAFT)
    await settle()
    const drained = runtime.drain({ timeoutMs: 0 })
    await clock.advance(1_000)
    expect(await drained).toEqual({ finished: 0, parked: ['session-1'] })
    expect(session.summary().turns.completed).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('may be asked for again, by somebody with less patience', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    await orchestrator.open()
    const patient = runtime.drain({ timeoutMs: 60_000 })
    expect(await runtime.drain({ timeoutMs: 0 })).toEqual({ finished: 0, parked: ['session-1'] })
    expect(await patient).toEqual({ finished: 0, parked: ['session-1'] })
  })

  it.each([
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: 2 ** 31 }],
    ['timeoutMs', { timeoutMs: '5s' }],
    ['patience', { patience: 5 }],
  ])('with a bad %s is refused, and the runtime goes on [SESS-15]', async (field, options) => {
    const { orchestrator, runtime } = createTestRuntime()
    expect(await rejection(runtime.drain(options as never))).toMatchObject({ code: 'invalid_argument', field })
    await orchestrator.session(() => 1)
  })
})

describe('a parked session', () => {
  it('has not ended, takes no more calls, and is not ended by those who clean up after it [SESS-12, SESS-17]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    {
      await using session = await orchestrator.open()
      await runtime.drain({ timeoutMs: 0 })
      expect(await rejection(session.runTurn(() => 1))).toBeInstanceOf(SessionParkedError)
      expect(await rejection(session.complete())).toBeInstanceOf(SessionParkedError)
      expect(session.signal.reason).toBeInstanceOf(SessionParkedError)
      await session.cancel('cleaning up')
      runtime.cancelSession(session.id)
    }
    expect(sessionFacts().slice(1)).toEqual(['sessions/parked'])
    expect(runtime.select.session('session-1')).toMatchObject({
      endedAt: null,
      lifecycle: { status: 'running', parkedAt: 1_000 },
    })
  })

  it('is not failed by what its function makes of it', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    const running = rejection(
      orchestrator.session(async (session) => {
        await session.runTurn(hang).catch(() => undefined)
        throw new Error('no answer')
      }),
    )
    await runtime.drain({ timeoutMs: 0 })
    expect(await running).toBeInstanceOf(SessionParkedError)
    await settle()
    expect(sessionFacts().slice(2)).toEqual(['sessions/parked', 'turns/cancelled'])
  })

  it('keeps what it asks people, and their answers stay in the log', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const asked = rejection(session.pauseForInput('Which tone?', { timeoutMs: 60_000 }))
    const mail = rejection(session.runTool('mail', () => 1, { requireApproval: true }))
    await settle()
    await runtime.drain({ timeoutMs: 0 })
    expect(await asked).toBeInstanceOf(SessionParkedError)
    expect(await mail).toBeInstanceOf(SessionParkedError)
    expect(clock.pendingTimers).toBe(0)
    expect(runtime.select.pendingRequests().map(({ kind }) => kind)).toEqual(['human_input', 'approval'])
    decide(runtime, session)
    runtime.provideInput(session.id, 'dry')
    expect(sessionFacts().slice(1)).toEqual([
      ...['inputs/requested', 'approvals/requested', 'sessions/parked'],
      ...['approvals/resolved', 'inputs/provided'],
    ])
    expect(runtime.select.pendingRequests()).toEqual([])
    expect(() => runtime.provideInput(session.id, 'again')).toThrow(NoPendingRequestError)
    expect(replay(runtime.log.facts())).toStrictEqual(runtime.getState())
  })
})
