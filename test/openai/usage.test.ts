import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpenAiModel } from '../../examples/tiny-agent/openai.js'
import { readProviderUsage, type TurnCall } from '../../src/index.js'
import {
  answer,
  cut,
  startChatCompletionsServer,
  type ChatCompletionsServer,
} from '../support/chatCompletionsServer.js'
import { createTestRuntime, deferred, rejection } from '../support/runtime.js'

let server: ChatCompletionsServer
let client: OpenAI

beforeEach(async () => {
  server = await startChatCompletionsServer()
  client = new OpenAI({ apiKey: 'test', baseURL: server.url, maxRetries: 0, logLevel: 'off' })
})

afterEach(() => server.close())

/** What the server says it used by default, at $3 and $15 per million tokens: 600 and 200 of them, and 400 from the cache. */
const USED = { inputTokens: 600, cacheReadTokens: 400, cacheWriteTokens: 0, outputTokens: 200 }
const COST_USD = (600 * 3 + 200 * 15) / 1e6

/** The events of a stream up to the one that tells the usage. */
const UP_TO_USAGE = 5

describe('what an answered turn used', () => {
  it('is read from the answer', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const model = createOpenAiModel(client, 'your-model')
    const { value, usage } = await orchestrator.session((session) =>
      session.runTurn((call) => model.complete(call, 'hello'), {
        model: model.name,
        usage: readProviderUsage,
      }),
    )
    expect(value.text).toBe('Well said.')
    expect(usage).toMatchObject(USED)
    expect(runtime.select.totals()).toMatchObject({ turns: 1, ...USED })
    expect(runtime.select.totals().costUsd).toBeCloseTo(COST_USD, 12)
    expect(server.requests[0]?.body).not.toHaveProperty('stream')
  })

  it('is read from the last chunk of a stream', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const model = createOpenAiModel(client, 'your-model')
    const { value, usage } = await orchestrator.session((session) =>
      session.runTurn((call) => model.stream(call, 'hello'), { model: model.name }),
    )
    expect(value).toBe('Well said.')
    expect(usage).toMatchObject(USED)
    expect(runtime.select.totals().costUsd).toBeCloseTo(COST_USD, 12)
    expect(server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  it('is unreadable, and not nothing, when the server does not tell', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    server.script(answer({ usage: null as never }))
    const model = createOpenAiModel(client, 'your-model')
    const error = await rejection(
      orchestrator.session((session) =>
        session.runTurn((call) => model.complete(call, 'hello'), { model: model.name, usage: readProviderUsage }),
      ),
    )
    expect(error).toMatchObject({ code: 'usage_unreadable', result: { value: { text: 'Well said.' } } })
    expect(runtime.select.summary('session-1').turns).toMatchObject({ completed: 1, unmetered: 1 })
  })

  it('does not count a token twice that was written to the cache', async () => {
    const details = { cached_tokens: 100, cache_write_tokens: 300 }
    const usage = { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050, prompt_tokens_details: details }
    server.script(answer({ usage }))
    const { orchestrator } = createTestRuntime()
    const model = createOpenAiModel(client, 'your-model')
    const turn = await orchestrator.session((session) =>
      session.runTurn((call) => model.stream(call, 'hello'), { model: model.name }),
    )
    expect(turn.usage).toMatchObject({
      inputTokens: 600,
      cacheReadTokens: 100,
      cacheWriteTokens: 300,
      outputTokens: 50,
    })
  })
})

describe('what a stream had used when it ended badly', () => {
  /** A turn that tells when its usage is known. */
  function streamTurn() {
    const known = deferred()
    const model = createOpenAiModel(client, 'your-model')
    const thunk = ({ signal, reportUsage }: Pick<TurnCall, 'signal' | 'reportUsage'>): Promise<string> => {
      const report: TurnCall['reportUsage'] = (usage) => {
        reportUsage(usage)
        known.resolve(usage)
      }
      return model.stream({ signal, reportUsage: report }, 'hello')
    }
    return { known: known.promise, thunk, options: { model: model.name } }
  }

  it('is kept when the connection is cut after it was told', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const { known, thunk, options } = streamTurn()
    server.script(cut({ afterEvents: UP_TO_USAGE, when: known }))
    const error = await rejection(orchestrator.session((session) => session.runTurn(thunk, options)))
    expect(error).toBeInstanceOf(TypeError)
    expect(runtime.log.facts().find(({ type }) => type === 'turns/failed')?.payload).toMatchObject({
      failureClass: 'dependency_failed',
      usage: USED,
    })
    expect(runtime.select.sessionCostUsd('session-1')).toBeCloseTo(COST_USD, 12)
  })

  it('is unknown when the connection is cut before', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const { thunk, options } = streamTurn()
    server.script(cut({ afterEvents: UP_TO_USAGE - 1 }))
    await rejection(orchestrator.session((session) => session.runTurn(thunk, options)))
    expect(runtime.select.summary('session-1')).toMatchObject({ turns: { failed: 1 }, usage: { turns: 0, costUsd: 0 } })
  })

  it('is kept when the turn times out', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime()
    const { known, thunk, options } = streamTurn()
    server.script(cut({ afterEvents: UP_TO_USAGE, when: new Promise(() => undefined) }))
    const ended = rejection(
      orchestrator.session((session) => session.runTurn(thunk, { ...options, timeoutMs: 30_000 })),
    )
    await known
    await clock.advance(30_000)
    expect(await ended).toMatchObject({ code: 'turn_timeout' })
    expect(runtime.select.totals()).toMatchObject({ turns: 1, ...USED })
    expect(await server.requests[0]?.end).toBe('disconnected')
  })

  it('is kept when the session is cancelled', async () => {
    const { runtime, orchestrator, sessionFacts } = createTestRuntime()
    const { known, thunk, options } = streamTurn()
    server.script(cut({ afterEvents: UP_TO_USAGE, when: new Promise(() => undefined) }))
    const session = await orchestrator.open()
    const ended = rejection(session.runTurn(thunk, options))
    await known
    await session.cancel('enough')
    expect(await ended).toMatchObject({ code: 'cancelled' })
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'sessions/cancelled', 'turns/cancelled'])
    expect(runtime.select.totals()).toMatchObject({ turns: 1, ...USED })
    expect(await server.requests[0]?.end).toBe('disconnected')
  })
})
