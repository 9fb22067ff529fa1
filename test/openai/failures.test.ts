import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpenAiModel } from '../../examples/tiny-agent/openai.js'
import { facts, type AgentSession, type Fact, type FactCreator } from '../../src/index.js'
import {
  contextTooLong,
  cut,
  endEarly,
  failInStream,
  malformed,
  rateLimited,
  serverError,
  startChatCompletionsServer,
  unavailable,
  type ChatCompletionsServer,
} from '../support/chatCompletionsServer.js'
import { createTestRuntime, rejection } from '../support/runtime.js'

let server: ChatCompletionsServer
let client: OpenAI

beforeEach(async () => {
  server = await startChatCompletionsServer()
  client = new OpenAI({ apiKey: 'test', baseURL: server.url, maxRetries: 0, logLevel: 'off' })
})

afterEach(() => server.close())

/** Runs a turn, and keeps the error that the client threw inside of it. */
function ask(session: AgentSession, streaming: boolean) {
  const model = createOpenAiModel(client, 'your-model')
  const seen: { thrown?: unknown } = {}
  const turn = session.runTurn(
    async (call) => {
      try {
        return await (streaming ? model.stream(call, 'hello') : model.complete(call, 'hello'))
      } catch (error) {
        seen.thrown = error
        throw error
      }
    },
    { model: model.name },
  )
  return { turn, seen }
}

/** Everything that a failing turn leaves behind, when its error also ends the session. */
async function failInSession(streaming: boolean) {
  const { runtime, orchestrator } = createTestRuntime({ circuitBreaker: { name: 'api', failureThreshold: 3 } })
  let seen: { thrown?: unknown } = {}
  const escaped = await rejection(
    orchestrator.session((session) => {
      const asked = ask(session, streaming)
      seen = asked.seen
      return asked.turn
    }),
  )
  const log = runtime.log.facts('@session-1')
  return { runtime, escaped, thrown: seen.thrown, log }
}

function payloadOf<Payload>(log: readonly Fact[], kind: FactCreator<Payload>): Payload {
  for (const fact of log) if (kind.match(fact)) return fact.payload
  throw new Error(`no ${kind.type} in ${log.map(({ type }) => type).join(', ')}`)
}

const PROVIDER_FAILURE = { scenario: 'provider_failure', failureClass: 'dependency_failed' } as const
const RATE_LIMIT = { scenario: 'llm_error', failureClass: 'rate_limit' } as const
const OVERFLOW = { scenario: 'context_overflow', failureClass: 'context_overflow' } as const
const CORRUPTION = { scenario: 'memory_corruption', failureClass: 'memory_corruption' } as const

describe.each([
  { mode: 'without streaming', streaming: false },
  { mode: 'with streaming', streaming: true },
])('a turn $mode', ({ streaming }) => {
  describe.each([
    { what: 'a 429', behaviour: rateLimited(), expected: RATE_LIMIT, kind: OpenAI.RateLimitError, status: 429 },
    {
      what: 'a 500',
      behaviour: serverError(),
      expected: PROVIDER_FAILURE,
      kind: OpenAI.InternalServerError,
      status: 500,
    },
    {
      what: 'a 503',
      behaviour: unavailable(),
      expected: PROVIDER_FAILURE,
      kind: OpenAI.InternalServerError,
      status: 503,
    },
    {
      what: 'a full context',
      behaviour: contextTooLong(),
      expected: OVERFLOW,
      kind: OpenAI.BadRequestError,
      status: 400,
    },
    { what: 'a cut connection', behaviour: cut(), expected: PROVIDER_FAILURE, kind: TypeError, status: undefined },
    { what: 'malformed JSON', behaviour: malformed(), expected: CORRUPTION, kind: SyntaxError, status: undefined },
  ])('that meets $what', ({ behaviour, expected, kind, status }) => {
    beforeEach(() => server.script(behaviour))

    it(`is recorded as ${expected.failureClass}, recovered as ${expected.scenario}`, async () => {
      const { log } = await failInSession(streaming)
      expect(payloadOf(log, facts.turnFailed)).toMatchObject(expected)
      expect(payloadOf(log, facts.recoveryAttempted)).toMatchObject({ scenario: expected.scenario, callId: 'turn-1' })
      expect(payloadOf(log, facts.sessionFailed)).toMatchObject({ failureClass: expected.failureClass })
    })

    it('throws the very error of the client', async () => {
      const { escaped, thrown } = await failInSession(streaming)
      expect(escaped).toBe(thrown)
      expect(escaped).toBeInstanceOf(kind)
      expect((escaped as { status?: number }).status).toBe(status)
    })

    it('leaves its facts in order, after one request', async () => {
      const { log } = await failInSession(streaming)
      expect(log.map(({ type }) => type)).toEqual([
        'sessions/opened',
        'turns/started',
        'turns/failed',
        'recovery/attempted',
        'sessions/failed',
      ])
      expect(server.requests.map(({ body }) => body.stream ?? false)).toEqual([streaming])
    })

    it('counts as a failure of the provider, and costs nothing that is known', async () => {
      const { runtime, log } = await failInSession(streaming)
      expect(payloadOf(log, facts.turnFailed).breakerOutcome).toBe('failure')
      expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 1 })
      expect(runtime.select.totals()).toMatchObject({ turns: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 })
    })

    it('keeps what the error said out of the log', async () => {
      const { escaped, log } = await failInSession(streaming)
      expect(JSON.stringify(log)).not.toContain((escaped as Error).message)
    })
  })

  it('that meets nobody at all is a provider failure', async () => {
    await server.close()
    const { escaped, thrown, log } = await failInSession(streaming)
    expect(escaped).toBe(thrown)
    expect(escaped).toBeInstanceOf(OpenAI.APIConnectionError)
    expect(payloadOf(log, facts.turnFailed)).toMatchObject(PROVIDER_FAILURE)
  })

  it('that meets a connection closed without an answer is a provider failure', async () => {
    server.script(({ response }) => void response.destroy())
    const { escaped, log } = await failInSession(streaming)
    expect(escaped).toBeInstanceOf(OpenAI.APIConnectionError)
    expect(payloadOf(log, facts.turnFailed)).toMatchObject(PROVIDER_FAILURE)
  })
})

describe('an error inside a stream', () => {
  // It arrives after the status line, so the client's error carries no status: only a `code` and a `type`.
  it.each([
    { what: 'rate limit', code: 'rate_limit_exceeded', type: 'tokens', expected: RATE_LIMIT },
    { what: 'failing server', code: null, type: 'server_error', expected: PROVIDER_FAILURE },
    { what: 'full context', code: 'context_length_exceeded', type: 'invalid_request_error', expected: OVERFLOW },
  ])('that tells of a $what is classified as it is outside of one', async ({ code, type, expected }) => {
    server.script(failInStream({ message: 'it went wrong', type, code }))
    const { escaped, thrown, log } = await failInSession(true)
    expect(escaped).toBe(thrown)
    expect(escaped).toBeInstanceOf(OpenAI.APIError)
    expect(payloadOf(log, facts.turnFailed)).toMatchObject(expected)
  })
})

it('a recovery is recorded with what it did, and nothing else of its turn', async () => {
  server.script(serverError())
  const { log } = await failInSession(false)
  expect(payloadOf(log, facts.recoveryAttempted)).toEqual({
    sessionId: 'session-1',
    callId: 'turn-1',
    scenario: 'provider_failure',
    outcome: 'recovered',
    recoveredSteps: ['switch_provider', 'retry_with_backoff'],
    remainingSteps: [],
    reason: '',
  })
})

it('a stream that is closed early, which the client takes for complete, is a provider failure', async () => {
  server.script(endEarly())
  const { escaped, log } = await failInSession(true)
  expect(escaped).toMatchObject({ name: 'StreamCutError' })
  expect(payloadOf(log, facts.turnFailed)).toMatchObject(PROVIDER_FAILURE)
})
