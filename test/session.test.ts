import { describe, expect, it } from 'vitest'
import { SessionCancelledError, SessionEndedError, type AgentSession } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

describe('a session function', () => {
  it('resolves to what it returned and ends the session as completed [SESS-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    await expect(orchestrator.session(() => 'done')).resolves.toBe('done')
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('completed')
    expect(sessionFacts()).toEqual(['sessions/opened', 'sessions/completed'])
  })

  it('rethrows what it threw, the very same, and ends the session as failed [ERR-4, SESS-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const error = Object.freeze(new Error('database is gone'))
    expect(await rejection(orchestrator.session(() => Promise.reject(error)))).toBe(error)
    expect(runtime.select.summary('session-1')).toMatchObject({
      status: 'failed',
      detail: 'Error raised',
      lastError: 'Error raised',
    })
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({ failureClass: 'dependency_failed' })
  })

  it('rethrows what is no error at all', async () => {
    const { orchestrator } = createTestRuntime()
    expect(await rejection(orchestrator.session(() => Promise.reject(undefined)))).toBeUndefined()
  })

  it('waits for calls it began and did not await [SESS-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const answer = deferred<string>()
    const session = orchestrator.session((session) => void session.runTurn(() => answer.promise, DRAFT))
    await settle()
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('running')
    answer.resolve('late')
    await session
    expect(runtime.select.summary('session-1').usage.turns).toBe(1)
  })

  it('aborts what it began when it throws [SESS-5]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const turn = deferred()
    const session = orchestrator.session((session) => {
      session.runTurn(() => new Promise(() => undefined)).catch(turn.resolve)
      throw new Error('boom')
    })
    await rejection(session)
    expect(await turn.promise).toBeInstanceOf(SessionEndedError)
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'sessions/failed', 'turns/cancelled'])
  })
})

describe('cancelling', () => {
  it('aborts the calls in flight and keeps what they had used [SESS-8, TURN-21]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    let signal: AbortSignal | undefined
    const turn = session.runTurn(
      (call) => {
        signal = call.signal
        call.reportUsage({ inputTokens: 40 })
        return new Promise(() => undefined)
      },
      { model: 'your-model' },
    )
    await session.cancel('user left')
    expect(await rejection(turn)).toBeInstanceOf(SessionCancelledError)
    expect(signal?.aborted).toBe(true)
    expect(runtime.select.summary(session.id)).toMatchObject({
      status: 'cancelled',
      detail: 'user left',
      turns: { cancelled: 1 },
      inFlight: { turns: [] },
      usage: { inputTokens: 40 },
    })
  })

  it('does nothing to a session that has ended [SESS-8, SESS-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    await session.complete()
    await session.cancel()
    expect(sessionFacts()).toEqual(['sessions/opened', 'sessions/completed'])
  })

  it('by a signal from outside rejects with its reason, even when the function hangs [SESS-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const controller = new AbortController()
    const run = orchestrator.session(() => new Promise(() => undefined), { signal: controller.signal })
    const reason = new Error('shutting down')
    controller.abort(reason)
    expect(await rejection(run)).toBe(reason)
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('cancelled')
  })

  it('by a signal that was aborted before opens no session [SESS-2]', async () => {
    const { orchestrator, factTypes } = createTestRuntime()
    const reason = new Error('too late')
    expect(await rejection(orchestrator.session(() => 1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(factTypes()).not.toContain('sessions/opened')
  })

  it('of one turn leaves the session running [TURN-21]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const controller = new AbortController()
    const turn = session.runTurn(() => new Promise(() => undefined), { signal: controller.signal })
    controller.abort('enough')
    expect(await rejection(turn)).toBe('enough')
    expect(session.status).toBe('running')
    expect(runtime.select.summary(session.id).turns.cancelled).toBe(1)
  })

  it('aborts the session signal that users hand to their own requests [SESS-14]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const { signal } = session
    runtime.cancelSession(session.id, 'stop')
    expect(signal.aborted).toBe(true)
    expect(session.summary().detail).toBe('stop')
  })
})

describe('an ended session', () => {
  const uses: Record<string, (session: AgentSession) => Promise<unknown>> = {
    runTurn: (session) => session.runTurn(() => 1),
    runTool: (session) => session.runTool('tool', () => 1),
    handoffTo: (session) => session.handoffTo('editor', { reason: 'r' }),
    evaluateGate: async (session) => session.evaluateGate('strict'),
    evaluatePolicy: async (session) => session.evaluatePolicy(),
    authorize: async (session) => session.authorize('tool'),
    complete: (session) => session.complete(),
    fail: (session) => session.fail('why'),
  }

  it.each(Object.keys(uses))('refuses %s and records nothing [SESS-12]', async (name) => {
    const { orchestrator, factTypes } = createTestRuntime({ qualityGate: 'standard' })
    const session = await orchestrator.open()
    await session.complete()
    const before = factTypes()
    expect(await rejection(uses[name]!(session))).toMatchObject({ code: 'session_ended', status: 'completed' })
    expect(factTypes()).toEqual(before)
  })
})

describe('an opened session', () => {
  it('is cancelled by leaving its block without saying how it ended [SESS-11]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    {
      await using session = await orchestrator.open()
      await session.runTurn(() => 1, DRAFT)
    }
    expect(runtime.select.summary('session-1')).toMatchObject({
      status: 'cancelled',
      detail: 'left without being completed',
    })
  })

  it('stays as it was ended [SESS-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    {
      await using session = await orchestrator.open()
      await session.complete('all done')
    }
    expect(runtime.select.summary('session-1')).toMatchObject({ status: 'completed', detail: 'all done' })
  })

  it('is in the list of active ones until it ends, by project, role and phase [RUN-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 7 })
    const other = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const session = await orchestrator.open()
    const second = await other.open()
    expect(runtime.listActive().map(({ id }) => id)).toEqual([session.id, second.id])
    expect(runtime.listActive({ projectId: 7 }).map(({ id }) => id)).toEqual([session.id])
    expect(runtime.listActive({ role: 'editor', phase: 'edit' }).map(({ id }) => id)).toEqual([second.id])
    await session.complete()
    expect(runtime.listActive({ projectId: 7 })).toEqual([])
  })
})

describe('two runs of one program', () => {
  it('write the same log [FACT-7]', async () => {
    const run = async () => {
      const { orchestrator, runtime, clock } = createTestRuntime()
      await orchestrator.session(async (session) => {
        await session.runTurn(() => 'x', DRAFT)
        await clock.advance(5)
        await session.runTool('lookup', () => 1)
      })
      return runtime.log.facts()
    }
    expect(await run()).toStrictEqual(await run())
  })
})
