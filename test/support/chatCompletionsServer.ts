import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type OpenAI from 'openai'

/** A provider on this machine that speaks the Chat Completions wire format, and misbehaves as it is told to. */
export interface ChatCompletionsServer {
  /** For the client's `baseURL`. */
  readonly url: string
  /** In the order of their arrival. */
  readonly requests: readonly RecordedRequest[]
  /** What the next requests meet, one behaviour each. Requests after those are answered. */
  script(...behaviours: Behaviour[]): void
  /** The next request that arrives. */
  nextRequest(): Promise<RecordedRequest>
  /** Also destroys the connections that are open. */
  close(): Promise<void>
}

interface RecordedRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: OpenAI.Chat.ChatCompletionCreateParams
  /** Resolves when the exchange is over: `answered` in full, or `disconnected` by either side before that. */
  readonly end: Promise<'answered' | 'disconnected'>
}

export interface Exchange {
  readonly body: OpenAI.Chat.ChatCompletionCreateParams
  readonly response: ServerResponse
}

/** What the server does with one request. */
export type Behaviour = (exchange: Exchange) => void

export async function startChatCompletionsServer(): Promise<ChatCompletionsServer> {
  const requests: RecordedRequest[] = []
  const waiting: ((request: RecordedRequest) => void)[] = []
  const behaviours: Behaviour[] = []

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.method !== 'POST' || incoming.url !== '/v1/chat/completions') {
      refuse(404, { message: 'no such route', type: 'invalid_request_error', code: 'unknown_url' })({ response })
      return
    }
    const end = new Promise<'answered' | 'disconnected'>((resolve) => {
      response.once('close', () => resolve(response.writableFinished ? 'answered' : 'disconnected'))
    })
    const body = JSON.parse(await text(incoming)) as OpenAI.Chat.ChatCompletionCreateParams
    const request = { headers: incoming.headers, body, end }
    requests.push(request)
    for (const resolve of waiting.splice(0)) resolve(request)
    const behave = behaviours.shift() ?? answer()
    behave({ body, response })
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...next) => void behaviours.push(...next),
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

// --- behaviours ----------------------------------------------------------------------------------------------------------------

export interface Answer {
  readonly content?: string
  readonly usage?: OpenAI.CompletionUsage
}

/** What every answer used unless it is told otherwise. */
const defaultUsage: OpenAI.CompletionUsage = {
  prompt_tokens: 1_000,
  completion_tokens: 200,
  total_tokens: 1_200,
  prompt_tokens_details: { cached_tokens: 400 },
}

/** Answers, in one piece or as a stream, whichever was asked for. */
export function answer(given: Answer = {}): Behaviour {
  return ({ body, response }) => {
    if (body.stream) beginStream(response).end(events(body, given).join(''))
    else sendJson(response, 200, completion(body, given))
  }
}

export interface ProviderError {
  readonly message: string
  readonly type: string
  readonly code: string | null
}

/** Answers with an error, in the shape that the provider's own errors have. */
export function refuse(
  status: number,
  error: ProviderError,
  headers: Readonly<Record<string, string>> = {},
): (exchange: Pick<Exchange, 'response'>) => void {
  return ({ response }) => sendJson(response, status, { error: { ...error, param: null } }, headers)
}

export function rateLimited(retryAfterSeconds = 20): Behaviour {
  const error = { message: 'slow down', type: 'tokens', code: 'rate_limit_exceeded' }
  return refuse(429, error, { 'retry-after': String(retryAfterSeconds) })
}

export function serverError(): Behaviour {
  return refuse(500, { message: 'something went wrong', type: 'server_error', code: null })
}

export function unavailable(): Behaviour {
  return refuse(503, { message: 'come back later', type: 'server_error', code: null })
}

export function contextTooLong(): Behaviour {
  return refuse(400, { message: 'shorten it', type: 'invalid_request_error', code: 'context_length_exceeded' })
}

/** Accepts the request and never answers. */
export function stall(): Behaviour {
  return () => undefined
}

export interface Cut {
  /** How many events of a stream are sent before. Default 2: the role, and the first word. */
  readonly afterEvents?: number
  /** The connection is cut when this resolves, and not before what was sent has left. Default: at once. */
  readonly when?: Promise<unknown>
}

/** Sends the first events of a stream, or half a body, and cuts the connection. */
export function cut({ afterEvents = 2, when = Promise.resolve() }: Cut = {}): Behaviour {
  return ({ body, response }) => {
    const hangUp = (): void => void when.then(() => response.destroy())
    if (body.stream) {
      beginStream(response).write(events(body).slice(0, afterEvents).join(''), hangUp)
    } else {
      const whole = JSON.stringify(completion(body))
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) })
      response.write(whole.slice(0, whole.length / 2), hangUp)
    }
  }
}

/** Ends a stream properly on the wire, but after its first events. A body that is no stream is answered in full. */
export function endEarly({ afterEvents = 2 }: Pick<Cut, 'afterEvents'> = {}): Behaviour {
  return (exchange) => {
    const { body, response } = exchange
    if (body.stream) beginStream(response).end(events(body).slice(0, afterEvents).join(''))
    else answer()(exchange)
  }
}

/** Sends what is no JSON: as the body, or as the second event of a stream. */
export function malformed(): Behaviour {
  return ({ body, response }) => {
    const broken = '{"id":"chatcmpl-1","choices":[{"index":0,'
    if (body.stream) beginStream(response).end([events(body)[0], event(broken), event('[DONE]')].join(''))
    else response.writeHead(200, { 'content-type': 'application/json' }).end(broken)
  }
}

/** Begins a stream, whether or not one was asked for, and reports an error as one of its events. */
export function failInStream(error: ProviderError): Behaviour {
  return ({ body, response }) => {
    beginStream(response).end([events(body)[0], event(JSON.stringify({ error }))].join(''))
  }
}

// --- the wire format -----------------------------------------------------------------------------------------------------------

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function beginStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}

function completion({ model }: Exchange['body'], { content = 'Well said.', usage = defaultUsage }: Answer = {}) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop', logprobs: null },
    ],
    usage,
  } satisfies OpenAI.Chat.ChatCompletion
}

/** The role, a chunk per word, the end of the text, what it used if that was asked for, and the end of the stream. */
function events(
  { model, stream_options }: Exchange['body'],
  { content = 'Well said.', usage = defaultUsage }: Answer = {},
): readonly string[] {
  const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model } as const
  const chunk = (
    delta: OpenAI.Chat.ChatCompletionChunk.Choice.Delta,
    finish_reason: 'stop' | null = null,
  ): OpenAI.Chat.ChatCompletionChunk => ({ ...base, choices: [{ index: 0, delta, finish_reason }], usage: null })
  const words = content.match(/\S+\s*/g) ?? []
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...words.map((word) => chunk({ content: word })),
    chunk({}, 'stop'),
    ...(stream_options?.include_usage ? [{ ...base, choices: [], usage }] : []),
  ]
  return [...chunks.map((data) => event(JSON.stringify(data))), event('[DONE]')]
}

function event(data: string): string {
  return `data: ${data}\n\n`
}
