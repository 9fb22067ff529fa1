import { describe, expect, it, vi } from 'vitest'
import { NotFoundError, SessionCancelledError, SessionEndedError, type AgentSession } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

const hang = (): Promise<never> => new Promise(() => undefined)

/** A session with a turn and a tool in flight, and what ends them. */
async function inFlight() {
  const test = createTestRuntime()
  const session = await test.orchestrator.open()
  const [answer, result] = [deferred<string>(), deferred<string>()]
  const signals: AbortSignal[] = []
  const wait =
    ({ promise }: { promise: Promise<string> }) =>
    ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return promise
    }
  const turn = session.runTurn(wait(answer), DRAFT)
  const tool = session.runTool('lookup', wait(result))
  return { ...test, session, turn, tool, answer, result, signals }
}

const endings: Record<string, (session: AgentSession) => Promise<unknown>> = {
  complete: (session) => session.complete(),
  handoffTo: (session) => session.handoffTo('editor', { reason: 'r' }),
}

describe.each(Object.keys(endings))('a session that ends well, by %s', (ending) => {
  const end = endings[ending]!

  it('lets calls in flight finish, and accounts for them [SESS-6, TURN-17]', async () => {
    const { session, turn, tool, answer, result, signals, sessionFacts } = await inFlight()
    await end(session)
    expect(session.status).toBe('completed')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    answer.resolve('draft')
    result.resolve('term')
    expect([(await turn).value, await tool]).toEqual(['draft', 'term'])
    expect(sessionFacts().slice(-2)).toEqual(['turns/completed', 'tools/completed'])
    expect(session.summary()).toMatchObject({
      turns: { completed: 1 },
      tools: { completed: 1 },
      usage: { costUsd: 0.033 },
      inFlight: { turns: [], tools: [] },
    })
  })

  it('lets nothing new begin meanwhile [SESS-12]', async () => {
    const { session, turn, tool, answer, result } = await inFlight()
    await end(session)
    expect(await rejection(session.runTurn(() => 1))).toMatchObject({ code: 'session_ended', status: 'completed' })
    expect(await rejection(session.runTool('t', () => 1))).toMatchObject({ code: 'session_ended' })
    answer.resolve('')
    result.resolve('')
    await Promise.all([turn, tool])
  })

  it('aborts its signal when the last call has ended [SESS-14]', async () => {
    const { session, turn, tool, answer, result } = await inFlight()
    const before = session.signal
    await end(session)
    answer.resolve('')
    await turn
    expect([before.aborted, session.signal.aborted]).toEqual([false, false])
    result.resolve('')
    await tool
    await settle()
    expect([before.aborted, session.signal.aborted]).toEqual([true, true])
    expect(before.reason).toBeInstanceOf(SessionEndedError)
    expect(session.signal.reason).toMatchObject({ code: 'session_ended', status: 'completed' })
  })

  it('may be ended by one of its own tools [SESS-6]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const returned = await session.runTool('finish', async () => {
      await end(session)
      return 'finished'
    })
    expect(returned).toBe('finished')
    expect(sessionFacts().slice(-1)).toEqual(['tools/completed'])
    expect(session.summary()).toMatchObject({ status: 'completed', tools: { completed: 1 }, inFlight: { tools: [] } })
  })

  it('is not evicted before its calls have ended, and holds up no other [SESS-18]', async () => {
    const { orchestrator, runtime, factTypes } = createTestRuntime({}, { retainEndedSessions: 0 })
    const session = await orchestrator.open()
    const answer = deferred<string>()
    const turn = session.runTurn(() => answer.promise, DRAFT)
    await end(session)
    await (await orchestrator.open()).complete()
    expect(runtime.select.summary(session.id).inFlight.turns).toEqual(['turn-1'])
    expect(runtime.getState().sessions.evicted.completed).toBe(1)
    answer.resolve('late')
    await turn
    await settle()
    expect(session.status).toBe('evicted')
    expect(runtime.getState().sessions.evicted.completed).toBe(2)
    expect(factTypes().filter((type) => type === 'sessions/evicted')).toHaveLength(2)
    expect(runtime.select.totals()).toMatchObject({ turns: 1, costUsd: 0.033 })
  })
})

describe('a session that ends badly', () => {
  it.each(['fail', 'cancel'] as const)(
    'by %s aborts its calls and its signal [SESS-7, SESS-8, SESS-14]',
    async (end) => {
      const { session, turn, tool, signals, sessionFacts } = await inFlight()
      const { signal } = session
      await session[end]('enough')
      const code = end === 'fail' ? 'session_ended' : 'cancelled'
      expect(await rejection(turn)).toMatchObject({ code })
      expect(await rejection(tool)).toMatchObject({ code })
      expect(signals.map((one) => (one.reason as { code: string }).code)).toEqual([code, code])
      expect(signal.reason).toMatchObject({ code })
      expect(session.signal.aborted).toBe(true)
      expect(sessionFacts().slice(-2)).toEqual(['turns/cancelled', 'tools/cancelled'])
    },
  )

  it('is evicted once its calls have recorded that they were aborted', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainEndedSessions: 0 })
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(hang, DRAFT))
    await session.cancel()
    await turn
    await settle()
    expect(session.status).toBe('evicted')
    const { sessions } = runtime.getState()
    expect(sessions.evicted.cancelled).toBe(1)
    expect(sessions.scopes.runtime.turns.cancelled).toBe(1)
  })
})

describe('cancelling from outside', () => {
  it('rejects what runs the function with the detail, even when the function hangs [SESS-10]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    const running = rejection(orchestrator.session(hang))
    await settle()
    runtime.cancelSession('session-1', 'the user closed the tab')
    const error = await running
    expect(error).toBeInstanceOf(SessionCancelledError)
    expect(error).toMatchObject({
      code: 'cancelled',
      sessionId: 'session-1',
      detail: 'the user closed the tab',
      message: 'session session-1 was cancelled: the user closed the tab',
    })
    expect(sessionFacts()).toEqual(['sessions/opened', 'sessions/cancelled'])
  })

  it('reaches the turn that the function waits for, and both reject', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    let turn: Promise<unknown> = Promise.resolve()
    const running = rejection(
      orchestrator.session((session) => {
        turn = rejection(session.runTurn(hang, DRAFT))
        return turn
      }),
    )
    await settle()
    runtime.cancelSession('session-1')
    expect(await running).toMatchObject({ code: 'cancelled', detail: null })
    expect(await turn).toMatchObject({ code: 'cancelled', detail: null })
    await settle()
    expect(runtime.select.summary('session-1')).toMatchObject({ status: 'cancelled', turns: { cancelled: 1 } })
  })

  it('is not the same as the function cancelling its own session, which may still return', async () => {
    const { orchestrator } = createTestRuntime()
    const returned = orchestrator.session(async (session) => {
      await session.cancel('not needed')
      return 'tidied up'
    })
    expect(await returned).toBe('tidied up')
  })

  it('ends a worker that waits for its handoff to be picked up', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const { targetSessionId } = await orchestrator.session((s) => s.handoffTo('editor', { reason: 'r' }))
    runtime.cancelSession(targetSessionId, 'no editors')
    expect(runtime.select.pendingHandoffs()).toEqual([])
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    expect(await rejection(editor.open({ handoff: targetSessionId }))).toBeInstanceOf(NotFoundError)
  })
})

describe('an opened session with a signal', () => {
  it('is cancelled when it is aborted [SESS-9]', async () => {
    const { orchestrator } = createTestRuntime()
    const controller = new AbortController()
    const session = await orchestrator.open({ signal: controller.signal })
    const turn = rejection(session.runTurn(hang))
    controller.abort('the user left')
    expect(session.summary()).toMatchObject({ status: 'cancelled', detail: 'signal aborted' })
    expect(await turn).toBeInstanceOf(SessionCancelledError)
  })

  it('is not opened when it was aborted before [SESS-2]', async () => {
    const { orchestrator, factTypes } = createTestRuntime()
    expect(await rejection(orchestrator.open({ signal: AbortSignal.abort('before') }))).toBe('before')
    expect(factTypes()).not.toContain('sessions/opened')
  })

  it('stays as it ended when it is aborted afterwards', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, 'removeEventListener')
    const session = await orchestrator.open({ signal: controller.signal })
    await session.complete()
    await settle()
    expect(remove).toHaveBeenCalledTimes(1)
    controller.abort()
    expect(sessionFacts()).toEqual(['sessions/opened', 'sessions/completed'])
  })
})

describe('what a function leaves running', () => {
  const leaving = (answer: Promise<unknown>, ended: unknown[]) => (session: AgentSession) => {
    session
      .runTurn(() => answer, DRAFT)
      .then(
        ({ value }) => ended.push(value),
        (error: unknown) => ended.push(error),
      )
    return 'the first answer'
  }

  it('is waited for [SESS-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const [answer, ended] = [deferred(), [] as unknown[]]
    const running = orchestrator.session(leaving(answer.promise, ended), { leftovers: 'wait' })
    await settle()
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('running')
    answer.resolve('the second answer')
    expect(await running).toBe('the first answer')
    expect(ended).toEqual(['the second answer'])
    expect(runtime.select.summary('session-1')).toMatchObject({ status: 'completed', turns: { completed: 1 } })
  })

  it('is aborted when it is asked to be, and the session is complete [SESS-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    const ended: unknown[] = []
    expect(await orchestrator.session(leaving(hang(), ended), { leftovers: 'abort' })).toBe('the first answer')
    expect(ended).toMatchObject([{ code: 'session_ended', status: 'completed' }])
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/cancelled', 'sessions/completed'])
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('completed')
  })

  it('is aborted when the function throws [SESS-5]', async () => {
    const { orchestrator } = createTestRuntime()
    const ended: unknown[] = []
    const error = new Error('boom')
    const run = (session: AgentSession) => {
      leaving(hang(), ended)(session)
      throw error
    }
    expect(await rejection(orchestrator.session(run))).toBe(error)
    await settle()
    expect(ended).toMatchObject([{ code: 'session_ended', status: 'failed' }])
  })

  it('must be waited for or aborted [SESS-2]', async () => {
    const { orchestrator, factTypes } = createTestRuntime()
    const run = orchestrator.session(() => 1, { leftovers: 'ignore' as never })
    expect(await rejection(run)).toMatchObject({ field: 'leftovers', value: 'ignore' })
    expect(factTypes()).not.toContain('sessions/opened')
  })
})

describe('a handoff', () => {
  it('of another runtime is refused, though its worker has the same id [HAND-5]', async () => {
    const [here, there] = [createTestRuntime(), createTestRuntime()]
    const reason = (text: string) => (session: AgentSession) => session.handoffTo('editor', { reason: text })
    await here.orchestrator.session(reason('here'))
    const foreign = await there.orchestrator.session(reason('there'))
    const editor = here.runtime.orchestrator({ role: 'editor', phase: 'edit' })
    expect(foreign.targetSessionId).toBe('session-2')
    expect(await rejection(editor.open({ handoff: foreign }))).toBeInstanceOf(NotFoundError)
    expect(here.runtime.select.pendingHandoffs()).toHaveLength(1)
  })

  it('is the same after it went through JSON, or by the id of its worker [HAND-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const context = { notes: ['a', { b: null }] }
    const handOff = () => orchestrator.session((session) => session.handoffTo('editor', { reason: 'r', context }))
    const stored = JSON.parse(JSON.stringify(await handOff())) as Awaited<ReturnType<typeof handOff>>
    expect((await editor.open({ handoff: stored })).handoff).toEqual(stored)
    const { targetSessionId } = await handOff()
    expect((await editor.open({ handoff: targetSessionId })).id).toBe(targetSessionId)
  })

  it('may be addressed to an orchestrator [HAND-1]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const handoff = await orchestrator.session((session) => session.handoffTo(editor, { reason: 'r' }))
    expect(handoff.targetRole).toBe('editor')
    expect((await editor.open({ handoff })).handoff).toEqual(handoff)
  })

  it.each([{}, null, 5])('must be one: %o is refused', async (handoff) => {
    const { orchestrator } = createTestRuntime()
    expect(await rejection(orchestrator.open({ handoff: handoff as never }))).toMatchObject({ field: 'handoff' })
  })
})

describe('a subscriber that throws', () => {
  it('breaks no turn, is told of once for each throw, and keeps no other from hearing [RUN-7]', async () => {
    const warnings: unknown[] = []
    const { orchestrator, runtime } = createTestRuntime({}, { onWarning: (warning) => void warnings.push(warning) })
    const session = await orchestrator.open()
    const error = new TypeError('the secret view is gone')
    const heard = vi.fn()
    runtime.subscribe(() => {
      throw error
    })
    runtime.subscribe(heard)
    expect((await session.runTurn(() => 'draft', DRAFT)).value).toBe('draft')
    expect(heard).toHaveBeenCalledTimes(2)
    const warning = { code: 'listener_failed', message: 'a subscriber threw TypeError', error }
    expect(warnings).toEqual([warning, warning])
  })

  it('is not heard of any more once it has unsubscribed [RUN-7]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const listener = vi.fn()
    const stop = runtime.subscribe(listener)
    await orchestrator.open()
    stop()
    await orchestrator.open()
    expect(listener).toHaveBeenCalledTimes(1)
    expect(() => runtime.subscribe('listener' as never)).toThrow(expect.objectContaining({ field: 'listener' }))
  })
})
