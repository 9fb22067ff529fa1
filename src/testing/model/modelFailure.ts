import { assertArgument } from '../../../slices/rules/errors.js'

/** What goes wrong with models, in the shapes in which SDKs throw it. */
export type ModelFailureKind =
  | 'rate_limit'
  | 'overloaded'
  | 'server_error'
  | 'context_length'
  | 'timeout'
  | 'connection'
  | 'unauthorized'
  | 'content_filter'

export interface ModelFailureOptions {
  /** How long the other side asks to wait: in its `retry-after` headers. Default: it does not say. */
  readonly retryAfterMs?: number | undefined
}

interface Shape {
  readonly name: string
  readonly message: string
  /** The HTTP status. */
  readonly status?: number
  readonly code?: string
  readonly type?: string
}

const SHAPES: Readonly<Record<ModelFailureKind, Shape>> = {
  rate_limit: {
    name: 'RateLimitError',
    message: 'too many requests',
    status: 429,
    code: 'rate_limit_exceeded',
  },
  overloaded: { name: 'InternalServerError', message: 'overloaded', status: 529, type: 'overloaded_error' },
  server_error: { name: 'InternalServerError', message: 'internal server error', status: 500, code: 'server_error' },
  context_length: {
    name: 'BadRequestError',
    message: 'the prompt is longer than the context window',
    status: 400,
    code: 'context_length_exceeded',
  },
  timeout: { name: 'APIConnectionTimeoutError', message: 'request timed out' },
  connection: { name: 'APIConnectionError', message: 'connection reset', code: 'ECONNRESET' },
  unauthorized: { name: 'AuthenticationError', message: 'unauthorized', status: 401, code: 'invalid_api_key' },
  content_filter: {
    name: 'BadRequestError',
    message: 'the prompt was refused',
    status: 400,
    code: 'content_filter',
  },
}

/** An error as SDKs throw it. The runtime classifies it, and recovers from it, as it does with theirs. */
export function modelFailure(kind: ModelFailureKind, { retryAfterMs }: ModelFailureOptions = {}): Error {
  assertFailureKind(kind, 'kind')
  const { message, ...shape } = SHAPES[kind]
  return Object.assign(new Error(message), shape, retryAfterMs !== undefined && { headers: headersFor(retryAfterMs) })
}

/** @throws {InvalidArgumentError} Nothing goes wrong in this way. */
export function assertFailureKind(kind: string, field: string): asserts kind is ModelFailureKind {
  assertArgument(Object.hasOwn(SHAPES, kind), field, kind, `one of ${Object.keys(SHAPES).join(', ')}`)
}

function headersFor(retryAfterMs: number): Readonly<Record<string, string>> {
  const valid = Number.isFinite(retryAfterMs) && retryAfterMs >= 0
  assertArgument(valid, 'retryAfterMs', retryAfterMs, 'a number from 0')
  return { 'retry-after-ms': String(retryAfterMs), 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }
}
