import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpenAiModel } from '../../examples/tiny-agent/openai.js'
import { CircuitOpenError, type AgentSession, type OrchestratorOptions, type TurnOptions } from '../../src/index.js'
import {
  answer,
  cut,
  rateLimited,
  serverError,
  stall,
  startChatCompletionsServer,
  unavailable,
  type ChatCompletionsServer,
} from '../support/chatCompletionsServer.js'
import { createTestRuntime, rejection } from '../support/runtime.js'

let server: ChatCompletionsServer

beforeEach(async () => {
  server = await startChatCompletionsServer()
})

afterEach(() => server.close())

describe.each([
  { mode: 'without streaming', streaming: false },
  { mode: 'with streaming', streaming: true },
])('a circuit breaker on turns $mode', ({ streaming }) => {
  const circuitBreaker = { name: 'api', failureThreshold: 3, recoveryTimeoutMs: 30_000 }

  async function openSession(options: Partial<OrchestratorOptions> = {}) {
    const testRuntime = createTestRuntime({ circuitBreaker, ...options })
    return { ...testRuntime, session: await testRuntime.orchestrator.open() }
  }

  function ask(session: AgentSession, options: TurnOptions<unknown> = {}) {
    const client = new OpenAI({ apiKey: 'test', baseURL: server.url, maxRetries: 0, logLevel: 'off' })
    const model = createOpenAiModel(client, 'your-model')
    return session.runTurn<unknown>(
      (call) => (streaming ? model.stream(call, 'hello') : model.complete(call, 'hello')),
      options,
    )
  }

  it('opens after three failures of any kind, and then nothing is sent', async () => {
    server.script(unavailable(), cut(), rateLimited())
    const { session, runtime, sessionFacts } = await openSession()
    for (let n = 1; n <= 3; n += 1) {
      expect(runtime.select.breaker('api').state).toBe('closed')
      await rejection(ask(session))
    }
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'open', failures: 3 })
    expect(await rejection(ask(session))).toBeInstanceOf(CircuitOpenError)
    expect(server.requests).toHaveLength(3)
    const failure = ['turns/started', 'turns/failed', 'recovery/attempted']
    expect(sessionFacts()).toEqual(['sessions/opened', ...failure, ...failure, ...failure, 'turns/refused'])
  })

  it('forgets failures when a turn is answered in between', async () => {
    server.script(serverError(), serverError(), answer(), serverError())
    const { session, runtime } = await openSession()
    await rejection(ask(session))
    await rejection(ask(session))
    await ask(session)
    await rejection(ask(session))
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 1 })
  })

  it('closes when the probe is answered', async () => {
    server.script(unavailable(), unavailable(), unavailable(), answer())
    const { session, runtime, clock } = await openSession()
    for (let n = 1; n <= 3; n += 1) await rejection(ask(session))
    await clock.advance(30_000)
    expect(runtime.select.breaker('api').state).toBe('half_open')
    await ask(session)
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('opens again when the probe fails too', async () => {
    server.script(unavailable(), unavailable(), unavailable(), cut())
    const { session, runtime, clock } = await openSession()
    for (let n = 1; n <= 3; n += 1) await rejection(ask(session))
    await clock.advance(30_000)
    await rejection(ask(session))
    expect(runtime.select.breaker('api').state).toBe('open')
    expect(await rejection(ask(session))).toMatchObject({ code: 'circuit_open', retryAt: clock.now() + 30_000 })
    expect(server.requests).toHaveLength(4)
  })

  it('opens on a provider that accepts requests and never answers', async () => {
    const { session, runtime, clock } = await openSession({ turnTimeoutMs: 5_000 })
    for (let n = 1; n <= 3; n += 1) await timeOut(session, clock)
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'open', failures: 3 })
    expect(await Promise.all(server.requests.map(({ end }) => end))).toEqual(Array(3).fill('disconnected'))
  })

  it('ignores timeouts where they are not to trip it', async () => {
    const { session, runtime, clock } = await openSession({
      turnTimeoutMs: 5_000,
      circuitBreaker: { ...circuitBreaker, ignoredFailures: ['llm_timeout'] },
    })
    for (let n = 1; n <= 3; n += 1) await timeOut(session, clock)
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('is shared: what one session saw refuses the turns of another', async () => {
    server.script(unavailable(), unavailable(), unavailable())
    const { session, orchestrator } = await openSession()
    for (let n = 1; n <= 3; n += 1) await rejection(ask(session))
    const other = await orchestrator.open()
    expect(await rejection(ask(other))).toBeInstanceOf(CircuitOpenError)
    expect(server.requests).toHaveLength(3)
  })

  async function timeOut(session: AgentSession, clock: { advance(ms: number): Promise<void> }): Promise<void> {
    server.script(stall())
    const arrived = server.nextRequest()
    const ended = rejection(ask(session))
    await arrived
    await clock.advance(5_000)
    expect(await ended).toMatchObject({ code: 'turn_timeout' })
  }
})
