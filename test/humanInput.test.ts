import { describe, expect, it, vi } from 'vitest'
import {
  agentEvents,
  facts,
  InputPendingError,
  InputTimeoutError,
  InvalidTransitionError,
  NoPendingRequestError,
  SessionCancelledError,
  type AgentSession,
  type Json,
  type OrchestratorOptions,
} from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, DRAFT, rejection, type TestRuntime } from './support/runtime.js'

interface Paused extends TestRuntime {
  readonly session: AgentSession
  readonly answer: Promise<Json>
}

/** A session that waits for a person. */
async function pause(
  options?: Parameters<AgentSession['pauseForInput']>[1],
  orchestratorOptions?: Partial<OrchestratorOptions>,
): Promise<Paused> {
  const test = createTestRuntime(orchestratorOptions)
  const session = await test.orchestrator.open()
  const answer = session.pauseForInput('Which tone?', options)
  answer.catch(() => undefined)
  await settle()
  return { ...test, session, answer }
}

describe('a pause', () => {
  it('waits for a person and returns the answer [HUM-1, HUM-4]', async () => {
    const { session, answer, runtime, sessionFacts } = await pause()
    expect(session.status).toBe('waiting_for_input')
    expect(session.pendingRequests).toEqual([
      { kind: 'human_input', requestId: 'request-1', prompt: 'Which tone?', requestedAt: 1_000, expiresAt: null },
    ])
    expect(runtime.select.pendingRequests()).toEqual([{ sessionId: session.id, ...session.pendingRequests[0] }])
    session.provideInput({ tone: 'dry' })
    expect(await answer).toEqual({ tone: 'dry' })
    expect(session.status).toBe('running')
    expect(session.pendingRequests).toEqual([])
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/provided'])
  })

  it('moves the session there and back, and tells of both without the prompt or the answer [HUM-1, HUM-4]', async () => {
    const { session, answer, runtime } = await pause()
    session.provideInput('dry')
    await answer
    const moves = runtime.select.session(session.id)?.lifecycle.recent.map(({ status, detail }) => [status, detail])
    expect(moves?.slice(2)).toEqual([
      ['waiting_for_input', 'Which tone?'],
      ['running', 'input received'],
    ])
    const events = agentEvents(runtime.log.facts()).slice(1)
    expect(events.map(({ event, status, detail, data }) => [event, status, detail, data])).toEqual([
      ['agent.blocked', 'blocked', 'waiting for input', { kind: 'human_input' }],
      ['agent.ready', 'ready', 'input received', { kind: 'human_input' }],
    ])
    expect(JSON.stringify(events)).not.toMatch(/tone|dry/)
  })

  it('is answered from any place that has the runtime [HUM-4]', async () => {
    const { session, answer, runtime } = await pause()
    const [request] = runtime.select.pendingRequests()
    runtime.provideInput(request!.sessionId, 'dry', request!.requestId)
    expect(await answer).toBe('dry')
    expect(() => runtime.provideInput('session-7', 'dry')).toThrow(expect.objectContaining({ code: 'not_found' }))
    expect(session.status).toBe('running')
  })

  it('keeps the answer as it was given, whatever becomes of it afterwards [HUM-4]', async () => {
    const { session, answer, runtime } = await pause()
    const given = { words: ['dry'] }
    session.provideInput(given)
    given.words.push('changed by the person')
    const received = (await answer) as { words: string[] }
    received.words.push('changed by the session')
    expect(received.words).toEqual(['dry', 'changed by the session'])
    expect(runtime.log.facts().find(facts.inputProvided.match)?.payload.value).toEqual({ words: ['dry'] })
  })

  it('lets turns and tools run meanwhile [HUM-3]', async () => {
    const { session, answer } = await pause()
    await session.runTurn(() => 'draft', DRAFT)
    await session.runTool('lookup', () => 1)
    expect(session.summary()).toMatchObject({ status: 'waiting_for_input', turns: { completed: 1 } })
    session.provideInput(null)
    expect(await answer).toBeNull()
  })

  it('is one at a time, and again after the answer [HUM-2]', async () => {
    const { session, answer, sessionFacts } = await pause()
    expect(await rejection(session.pauseForInput('And which length?'))).toBeInstanceOf(InputPendingError)
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested'])
    session.provideInput('dry')
    await answer
    const second = session.pauseForInput('And which length?')
    await settle()
    expect(session.pendingRequests).toMatchObject([{ requestId: 'request-2' }])
    session.provideInput('short')
    expect(await second).toBe('short')
  })

  it('that nobody has begun, or somebody has answered, takes no answer [HUM-5]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(() => session.provideInput('dry')).toThrow(NoPendingRequestError)
    const answer = session.pauseForInput('Which tone?')
    await settle()
    expect(() => session.provideInput('dry', 'request-2')).toThrow(
      expect.objectContaining({ code: 'no_pending_request', requestId: 'request-2', sessionId: session.id }),
    )
    session.provideInput('dry')
    expect(() => session.provideInput('late')).toThrow(NoPendingRequestError)
    expect(await answer).toBe('dry')
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/provided'])
  })

  it('ends when nobody answers in time, and the session runs again [HUM-6]', async () => {
    const { session, answer, clock, sessionFacts } = await pause({ timeoutMs: 60_000 })
    expect(session.pendingRequests).toMatchObject([{ expiresAt: 61_000 }])
    await clock.advance(59_999)
    expect(session.status).toBe('waiting_for_input')
    await clock.advance(1)
    const error = await rejection(answer)
    expect(error).toBeInstanceOf(InputTimeoutError)
    expect(error).toMatchObject({ code: 'input_timeout', timeoutMs: 60_000 })
    expect(session.status).toBe('running')
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/expired'])
    expect(() => session.provideInput('late')).toThrow(NoPendingRequestError)
    expect(clock.pendingTimers).toBe(0)
  })

  it('leaves no timer when it was answered', async () => {
    const { session, answer, clock } = await pause({ timeoutMs: 60_000 })
    session.provideInput('dry')
    await answer
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends by its own signal: the question is withdrawn, and the session runs again [HUM-7]', async () => {
    const controller = new AbortController()
    const { session, answer, clock, runtime, sessionFacts } = await pause({
      signal: controller.signal,
      timeoutMs: 60_000,
    })
    controller.abort('never mind')
    expect(await rejection(answer)).toBe('never mind')
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/cancelled'])
    expect(runtime.select.session(session.id)?.lifecycle).toMatchObject({
      status: 'running',
      detail: 'input cancelled',
    })
    expect(session.pendingRequests).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    await session.complete()
  })

  it('gets the answer that is given in the same breath as its signal is aborted', async () => {
    const controller = new AbortController()
    const { session, answer, sessionFacts } = await pause({ signal: controller.signal })
    controller.abort('never mind')
    session.provideInput('just in time')
    expect(await answer).toBe('just in time')
    await settle()
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/provided'])
  })

  it('with a signal that was aborted before asks nobody', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const signal = AbortSignal.abort('before')
    expect(await rejection(session.pauseForInput('Which tone?', { signal }))).toBe('before')
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['prompt', [' ']],
    ['timeoutMs', ['p', { timeoutMs: 0 }]],
    ['signal', ['p', { signal: 1 }]],
    ['deadline', ['p', { deadline: 1 }]],
  ])('with a bad %s asks nobody', async (field, args) => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const paused = session.pauseForInput(...(args as Parameters<AgentSession['pauseForInput']>))
    expect(await rejection(paused)).toMatchObject({ code: 'invalid_argument', field })
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['value', [new Date(0)]],
    ['value.at', [{ at: undefined }]],
    ['requestId', ['dry', ' ']],
  ])('takes no answer with a bad %s, and goes on', async (field, args) => {
    const { session } = await pause()
    expect(() => session.provideInput(...(args as [Json]))).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
    expect(session.status).toBe('waiting_for_input')
  })
})

describe('a session that is paused', () => {
  it.each(['complete', 'handoffTo'] as const)(
    'refuses %s, and no worker is registered [HUM-3, HAND-6]',
    async (end) => {
      const beforeHandoff = vi.fn()
      const { session, answer, runtime, sessionFacts } = await pause({}, { hooks: [{ name: 'spy', beforeHandoff }] })
      const ended = end === 'complete' ? session.complete() : session.handoffTo('editor', { reason: 'r' })
      const error = await rejection(ended)
      expect(error).toBeInstanceOf(InvalidTransitionError)
      expect(error).toMatchObject({ from: 'waiting_for_input', to: 'completed' })
      expect(beforeHandoff).not.toHaveBeenCalled()
      expect(sessionFacts().slice(1)).toEqual(['inputs/requested'])
      expect(runtime.listActive().map(({ id }) => id)).toEqual([session.id])
      session.provideInput('dry')
      await answer
      await session.complete()
    },
  )

  it('is released by being cancelled, and leaves no timer [HUM-7]', async () => {
    const { session, answer, clock, runtime, sessionFacts } = await pause({ timeoutMs: 60_000 })
    await session.cancel('nobody is there')
    const error = await rejection(answer)
    expect(error).toBeInstanceOf(SessionCancelledError)
    expect(error).toMatchObject({ detail: 'nobody is there' })
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'sessions/cancelled'])
    expect(runtime.select.pendingRequests()).toEqual([])
    expect(session.summary().requests).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    expect(() => session.provideInput('late')).toThrow(NoPendingRequestError)
  })

  it('still gets the answer that is given in the same breath as it is cancelled, and records it no more [HUM-7]', async () => {
    const { session, answer, sessionFacts } = await pause()
    void session.cancel()
    session.provideInput('just in time')
    expect(await answer).toBe('just in time')
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'sessions/cancelled'])
  })

  it('is cancelled by leaving its block', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    let answer: Promise<unknown> | undefined
    {
      await using session = await orchestrator.open()
      answer = rejection(session.pauseForInput('Which tone?'))
      await settle()
    }
    expect(await answer).toBeInstanceOf(SessionCancelledError)
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('cancelled')
  })

  it('waits for the answer when its function has returned', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const ended = orchestrator.session((session) => void session.pauseForInput('Which tone?'))
    await settle()
    runtime.provideInput('session-1', 'dry')
    await ended
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('completed')
  })

  it('withdraws the question when its function has returned and leaves nothing behind', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const run = (session: AgentSession) => void session.pauseForInput('Which tone?').catch(() => undefined)
    await orchestrator.session(run, { leftovers: 'abort' })
    expect(sessionFacts().slice(1)).toEqual(['inputs/requested', 'inputs/cancelled', 'sessions/completed'])
  })

  it('refuses to be paused once it has ended [HUM-2]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    await session.complete()
    expect(await rejection(session.pauseForInput('Which tone?'))).toMatchObject({ code: 'session_ended' })
  })
})

describe('a question and an escalation', () => {
  const failing = () => {
    throw Object.assign(new Error('bad gateway'), { status: 502 })
  }
  const recovery = {
    mode: 'execute',
    escalation: 'pause',
    recipes: { provider_failure: { maxAttempts: 1, escalationPolicy: 'alert_human', steps: ['restart_agent'] } },
  } as const

  it('may be pending together, in either order, and each gets its own answer [HUM-8]', async () => {
    for (const questionFirst of [true, false]) {
      const { orchestrator, runtime } = createTestRuntime({ recovery })
      const session = await orchestrator.open()
      const model = vi.fn<() => string>(failing)
      let answer = questionFirst ? session.pauseForInput('Which tone?') : undefined
      const turn = session.runTurn(model, DRAFT)
      await settle()
      answer ??= session.pauseForInput('Which tone?')
      await settle()
      const asked = new Map(session.pendingRequests.map(({ kind, requestId }) => [kind, requestId]))
      expect([...asked.keys()]).toEqual(questionFirst ? ['human_input', 'escalation'] : ['escalation', 'human_input'])

      model.mockImplementation(() => 'recovered')
      session.provideInput('retry', asked.get('escalation'))
      expect((await turn).value).toBe('recovered')
      expect(session.status).toBe('waiting_for_input')
      session.provideInput('dry', asked.get('human_input'))
      expect(await answer).toBe('dry')
      expect(session.status).toBe('running')
      expect(runtime.select.session(session.id)?.lifecycle.questions).toBe(0)
    }
  })

  it('that names no request goes to the oldest one [HUM-5]', async () => {
    const { orchestrator } = createTestRuntime({ recovery })
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(failing, DRAFT))
    await settle()
    const answer = session.pauseForInput('Which tone?')
    await settle()
    session.provideInput('give_up')
    expect(await turn).toMatchObject({ status: 502 })
    session.provideInput('dry')
    expect(await answer).toBe('dry')
  })
})
