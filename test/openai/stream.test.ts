import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { facts, readProviderUsage, type AgentSession, type Fact, type StreamOptions } from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import {
  answer,
  cut,
  endEarly,
  failInStream,
  malformed,
  serverError,
  stall,
  startChatCompletionsServer,
  type Behaviour,
  type ChatCompletionsServer,
} from '../support/chatCompletionsServer.js'
import { deferred, type TestRuntime } from '../support/runtime.js'
import { expectNoUnhandledRejections, openSession, payloadsOf, readAll, readSome } from '../support/streams.js'

expectNoUnhandledRejections()

type Chunk = OpenAI.Chat.ChatCompletionChunk

let server: ChatCompletionsServer
let client: OpenAI

beforeEach(async () => {
  server = await startChatCompletionsServer()
  client = new OpenAI({ apiKey: 'test', baseURL: server.url, maxRetries: 0, logLevel: 'off' })
})

afterEach(() => server.close())

/** The real client, as the function of a streamed turn. */
function ask(session: AgentSession, options: Partial<Pick<StreamOptions<Chunk>, 'timeoutMs' | 'signal'>> = {}) {
  return session.runTurnStream<Chunk>(
    ({ signal }) =>
      client.chat.completions.create(
        {
          model: 'your-model',
          messages: [{ role: 'user', content: 'hello' }],
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      ),
    {
      model: 'your-model',
      text: ({ choices }) => choices[0]?.delta.content ?? '',
      usage: ({ usage }) => usage && readProviderUsage(usage),
      ...options,
    },
  )
}

function textOf(events: readonly { readonly type: string; readonly delta?: string }[]): string {
  return events.map((event) => event.delta ?? '').join('')
}

/** Sends this much, and then nothing: the connection stays open. */
function stallAfter(events: number): Behaviour {
  return cut({ afterEvents: events, when: new Promise(() => undefined) })
}

function lastFact({ log }: TestRuntime['runtime']) {
  return log.facts().at(-1)?.type
}

describe('the stream of the openai client', () => {
  it('is read to its end: text as it comes, and usage from its last chunk', async () => {
    server.script(answer({ content: 'Well said, all of you.' }))
    const { session, runtime } = await openSession()
    const { events } = await readAll(ask(session))
    expect(events.filter(({ type }) => type === 'text_delta').length).toBeGreaterThan(5)
    expect(textOf(events)).toBe('Well said, all of you.')
    expect(events.at(-1)).toMatchObject({
      type: 'final',
      text: 'Well said, all of you.',
      usage: { inputTokens: 600, cacheReadTokens: 400, outputTokens: 200 },
    })
    expect(runtime.select.totals().costUsd).toBe(0.0048)
    expect(await server.requests[0]?.end).toBe('answered')
  })

  it('shows its chunks as the client parsed them', async () => {
    const { session } = await openSession()
    const [first] = await readSome(ask(session), 1)
    expect(first).toMatchObject({ type: 'text_delta', delta: '', chunk: { object: 'chat.completion.chunk' } })
  })

  it('is closed on the wire when its reader leaves', async () => {
    server.script(stallAfter(3))
    const { session, runtime } = await openSession()
    const events = await readSome(ask(session), 2)
    expect(textOf(events)).toBe('Well ')
    expect(await server.requests[0]?.end).toBe('disconnected')
    expect(payloadsOf(runtime, facts.turnCancelled)).toMatchObject([{ by: 'abandoned_stream', metered: false }])
  })

  it('is closed on the wire when its reader leaves while it is silent', async () => {
    server.script(stallAfter(1))
    const { session, runtime } = await openSession()
    const stream = ask(session)
    await stream.next()
    const waiting = stream.next()
    await stream.return()
    expect(await waiting).toMatchObject({ done: true })
    expect(await server.requests[0]?.end).toBe('disconnected')
    expect(lastFact(runtime)).toBe('turns/cancelled')
  })

  it('is closed on the wire by the signal of its caller and by the end of its session', async () => {
    server.script(stallAfter(2), stallAfter(2))
    const { session } = await openSession()
    const controller = new AbortController()
    const streams = [ask(session, { signal: controller.signal }), ask(session)]
    for (const stream of streams) await stream.next()
    const reading = Promise.all(streams.map(readAll))
    controller.abort(new Error('the tab was closed'))
    await session.cancel()
    expect((await reading).map(({ error }) => (error as Error).message)).toEqual([
      'the tab was closed',
      'session session-1 was cancelled',
    ])
    expect(await Promise.all(server.requests.map(({ end }) => end))).toEqual(['disconnected', 'disconnected'])
  })

  it('that stalls between two chunks times out, and is closed on the wire', async () => {
    server.script(stallAfter(2))
    const { session, clock, runtime } = await openSession()
    const stream = ask(session, { timeoutMs: { firstChunkMs: 60_000, chunkMs: 5_000 } })
    await readChunks(stream, 2)
    const reading = readAll(stream)
    await settle()
    await clock.advance(5_000)
    expect(await reading).toMatchObject({
      events: [
        { type: 'error', errorType: 'timeout' },
        { type: 'final', detail: 'timeout' },
      ],
      error: { code: 'turn_timeout', timeoutMs: 5_000 },
    })
    expect(await server.requests[0]?.end).toBe('disconnected')
    expect(payloadsOf(runtime, facts.turnFailed)).toMatchObject([{ scenario: 'llm_timeout' }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('that never begins times out before the client has its headers', async () => {
    server.script(stall())
    const { session, clock } = await openSession()
    const arrived = server.nextRequest()
    const reading = readAll(ask(session, { timeoutMs: { firstChunkMs: 2_000 } }))
    const { end } = await arrived
    await clock.advance(2_000)
    expect(await reading).toMatchObject({ error: { code: 'turn_timeout', timeoutMs: 2_000 } })
    expect(await end).toBe('disconnected')
  })

  it('that is slow to be read is not timed out by its chunks', async () => {
    server.script(answer({ content: 'Well said.' }))
    const { session, clock } = await openSession()
    const stream = ask(session, { timeoutMs: { chunkMs: 100 } })
    for (let event = await stream.next(); !event.done; event = await stream.next()) await clock.advance(1_000)
    expect(session.summary().turns).toMatchObject({ completed: 1 })
  })
})

describe('a stream of the openai client that goes wrong', () => {
  it.each<[string, Behaviour, object, string]>([
    ['is cut', cut({ afterEvents: 2 }), { scenario: 'provider_failure' }, 'Well '],
    ['is cut before its first word', cut({ afterEvents: 0 }), { scenario: 'provider_failure' }, ''],
    ['sends no JSON', malformed(), { scenario: 'memory_corruption' }, ''],
    ['is refused', serverError(), { scenario: 'provider_failure' }, ''],
    [
      'reports an error',
      failInStream({ message: 'slow down', type: 'tokens', code: 'rate_limit_exceeded' }),
      { failureClass: 'rate_limit' },
      '',
    ],
  ])('%s: it is told of, and the error of the client is thrown', async (_, behaviour, expected, text) => {
    server.script(behaviour)
    const { session, runtime } = await openSession({ circuitBreaker: { name: 'api' } })
    const { events, error } = await readAll(ask(session))
    expect(textOf(events)).toBe(text)
    expect(events.slice(-2)).toMatchObject([{ type: 'error' }, { type: 'final', status: 'failed' }])
    expect(events.at(-2)).toMatchObject({ message: (error as Error).message })
    expect(payloadsOf(runtime, facts.turnFailed)).toMatchObject([expected])
    expect(runtime.select.breaker('api').failures).toBe(1)
  })

  it('is told from one that ended early only by who knows how an answer ends', async () => {
    server.script(endEarly())
    const { session } = await openSession()
    const { events } = await readAll(ask(session))
    // The client takes the end of the connection for the end of the answer. What it used was not said.
    expect(events.at(-1)).toMatchObject({ type: 'final', status: 'completed', text: 'Well ' })
    expect(session.summary().turns).toMatchObject({ completed: 1, unmetered: 1 })
  })

  it('is tried again, and its text starts afresh', async () => {
    const sent = deferred()
    server.script(cut({ afterEvents: 2, when: sent.promise }), answer({ content: 'Well said.' }))
    const { session, clock, runtime } = await openSession({
      recovery: { mode: 'execute', backoff: { baseMs: 100, capMs: 100, jitter: 'none' } },
    })
    const stream = ask(session)
    await readChunks(stream, 2)
    sent.resolve(undefined)
    const restart = stream.next()
    await recorded(runtime, facts.turnAttemptFailed)
    await clock.advance(100)
    expect(await restart).toMatchObject({ value: { type: 'restart', attempt: 2 } })
    const { events } = await readAll(stream)
    expect(events.at(-1)).toMatchObject({ text: 'Well said.', status: 'completed' })
    expect(server.requests).toHaveLength(2)
  })
})

async function readChunks(stream: AsyncIterator<unknown>, count: number): Promise<void> {
  for (let chunk = 0; chunk < count; chunk += 1) await stream.next()
}

/** Resolves when there is such a fact. */
function recorded({ log, subscribe }: TestRuntime['runtime'], kind: { match(fact: Fact): boolean }): Promise<void> {
  return new Promise((resolve) => {
    const stop = subscribe(() => {
      if (!log.facts().some((fact) => kind.match(fact))) return
      stop()
      resolve()
    })
  })
}
