import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpenAiModel } from '../../examples/tiny-agent/openai.js'
import { createSystemClock, TurnTimeoutError, type AgentSession, type TurnOptions } from '../../src/index.js'
import { stall, startChatCompletionsServer, type ChatCompletionsServer } from '../support/chatCompletionsServer.js'
import { createTestRuntime, rejection } from '../support/runtime.js'

let server: ChatCompletionsServer

beforeEach(async () => {
  server = await startChatCompletionsServer()
  server.script(stall())
})

afterEach(() => server.close())

describe.each([
  { mode: 'without streaming', streaming: false },
  { mode: 'with streaming', streaming: true },
])('a turn $mode that the provider never answers', ({ streaming }) => {
  function ask(session: AgentSession, options: TurnOptions<unknown> = {}, clientTimeoutMs = 600_000) {
    const clientOptions = { maxRetries: 0, timeout: clientTimeoutMs, logLevel: 'off' } as const
    const client = new OpenAI({ apiKey: 'test', baseURL: server.url, ...clientOptions })
    const model = createOpenAiModel(client, 'your-model')
    return session.runTurn<unknown>(
      (call) => (streaming ? model.stream(call, 'hello') : model.complete(call, 'hello')),
      options,
    )
  }

  it('fails with the runtime’s timeout and is aborted on the wire', async () => {
    const { runtime, orchestrator, clock, sessionFacts } = createTestRuntime({ circuitBreaker: { name: 'api' } })
    const arrived = server.nextRequest()
    const escaped = rejection(orchestrator.session((session) => ask(session, { timeoutMs: 30_000 })))
    const { end } = await arrived
    await clock.advance(30_000)
    expect(await escaped).toBeInstanceOf(TurnTimeoutError)
    expect(await end).toBe('disconnected')
    expect(sessionFacts()).toEqual([
      'sessions/opened',
      'turns/started',
      'turns/failed',
      'recovery/attempted',
      'sessions/failed',
    ])
    const failed = { scenario: 'llm_timeout', failureClass: 'llm_timeout', breakerOutcome: 'failure' }
    const payloads = runtime.log.facts('@session-1').map(({ payload }) => payload)
    expect(payloads[2]).toMatchObject({ ...failed, error: { name: 'TurnTimeoutError', code: 'turn_timeout' } })
    expect(payloads[4]).toMatchObject({ failureClass: 'llm_timeout' })
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 1 })
  })

  it('fails in real time as it does in manual time', async () => {
    const { orchestrator } = createTestRuntime({ turnTimeoutMs: 60 }, { clock: createSystemClock() })
    const arrived = server.nextRequest()
    const escaped = rejection(orchestrator.session((session) => ask(session)))
    const { end } = await arrived
    expect(await escaped).toMatchObject({ code: 'turn_timeout', timeoutMs: 60 })
    expect(await end).toBe('disconnected')
  })

  it('is a timeout too when the client gives up first', async () => {
    const { runtime, orchestrator } = createTestRuntime({ circuitBreaker: { name: 'api' } })
    const escaped = await rejection(orchestrator.session((session) => ask(session, {}, 60)))
    expect(escaped).toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
    expect(runtime.log.facts().find(({ type }) => type === 'turns/failed')?.payload).toMatchObject({
      scenario: 'llm_timeout',
      failureClass: 'llm_timeout',
    })
    expect(runtime.select.breaker('api').failures).toBe(1)
    expect(await server.requests[0]?.end).toBe('disconnected')
  })

  it('is cancelled by its own signal, with its reason, and says nothing about the provider', async () => {
    const { runtime, orchestrator, sessionFacts } = createTestRuntime({ circuitBreaker: { name: 'api' } })
    const session = await orchestrator.open()
    const controller = new AbortController()
    const arrived = server.nextRequest()
    const escaped = rejection(ask(session, { signal: controller.signal }))
    const { end } = await arrived
    const reason = new Error('the user closed the tab')
    controller.abort(reason)
    expect(await escaped).toBe(reason)
    expect(await end).toBe('disconnected')
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/cancelled'])
    expect(session.status).toBe('running')
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('is aborted on the wire when its session is cancelled', async () => {
    const { runtime, orchestrator, sessionFacts } = createTestRuntime()
    const arrived = server.nextRequest()
    const escaped = rejection(orchestrator.session((session) => ask(session)))
    const { end } = await arrived
    runtime.cancelSession('session-1')
    expect(await escaped).toMatchObject({ code: 'cancelled' })
    expect(await end).toBe('disconnected')
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'sessions/cancelled', 'turns/cancelled'])
  })
})
