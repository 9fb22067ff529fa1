import { assertArgument, describeError, isRuntimeError, tryRead } from '../slices/rules/errors.js'
import type { UsageInput, UsageSnapshot } from '../slices/rules/tokens.js'
import type { Context } from './context.js'
import { IdempotencyConflictError } from './idempotency.js'
import { KeptText } from './keptText.js'
import { Rendezvous } from './rendezvous.js'
import { cancelledBy } from './settlement.js'
import { Upstream, type ChunkTimeouts, type Source } from './upstream.js'
import {
  StreamAbandonedError,
  type RunningTurn,
  type TurnCall,
  type TurnRequest,
  type TurnResult,
} from './turnRequest.js'

/** What a stream tells whoever reads it. */
export type StreamEvent<Chunk> =
  | { readonly type: 'text_delta'; readonly delta: string; readonly chunk: Chunk | null }
  /** A recovery calls the model again: what came before does not count any more. */
  | { readonly type: 'restart'; readonly attempt: number }
  | { readonly type: 'error'; readonly errorType: string; readonly message: string }
  | FinalEvent

export type FinalEvent =
  | ({ readonly type: 'final'; readonly status: 'completed'; readonly text: string } & Omit<
      TurnResult<string>,
      'value'
    >)
  /** The error is thrown next. */
  | { readonly type: 'final'; readonly status: 'failed'; readonly detail: string }

/** Calls the model and returns what it streams. */
export type StreamThunk<Chunk> = (call: TurnCall) => Source<Chunk>

export interface StreamRequest<Chunk>
  extends Omit<TurnRequest<string>, 'thunk' | 'usage' | 'readUsage'>, ChunkTimeouts {
  readonly thunk: StreamThunk<Chunk>
  /** The text in a chunk. */
  readonly text: (chunk: Chunk) => string
  /** What the call uses, or how to read that from a chunk. The last chunk that says something counts. */
  readonly usage: UsageSnapshot | ((chunk: Chunk) => UsageInput | null | undefined) | undefined
  /** Whether the text goes into the log, in pieces. */
  readonly keepChunks: boolean
}

type RunTurn = (request: TurnRequest<string>) => Promise<TurnResult<string>>

/**
 * A turn whose answer is read as it comes. It is the same turn as any other: its function reads the upstream, one chunk for each
 * that is asked for, and returns the whole text. Nothing runs before somebody asks for the first event; who stops asking before
 * the end aborts the upstream, and what was used until then counts.
 */
export function streamTurn<Chunk>(
  context: Context,
  request: StreamRequest<Chunk>,
  run: RunTurn,
): AsyncGenerator<StreamEvent<Chunk>, void, undefined> {
  const left = new AbortController()
  const heard: Heard = { text: '' }
  const events = readTurn(context, request, run, left, heard)
  const leave = (): void => left.abort(new StreamAbandonedError(heard.text))
  return {
    next: () => events.next(),
    // A generator would come to this only after the event that is waited for: who leaves a silent model would wait with it.
    return(value) {
      leave()
      return events.return(value)
    },
    throw(error) {
      leave()
      return events.throw(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return()
    },
  }
}

/** What whoever reads a stream was told of its text so far. */
interface Heard {
  text: string
}

/** @param left - Aborted when nobody reads on, and when the caller's own signal is. */
async function* readTurn<Chunk>(
  context: Context,
  request: StreamRequest<Chunk>,
  run: RunTurn,
  left: AbortController,
  heard: Heard,
): AsyncGenerator<StreamEvent<Chunk>, void, undefined> {
  const pump = new Pump(context, request)
  const { signal } = request
  // Not `AbortSignal.any`: a signal that outlives many streams would keep an entry for each.
  const unwatch = signal && context.calls.watch(signal, () => left.abort(signal.reason))
  const ended = run(turnOf(request, pump, left.signal)).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )
  void ended.then(() => pump.events.close())
  try {
    for (let event = await pump.events.take(); event; event = await pump.events.take()) {
      if (event.type === 'text_delta') heard.text += event.delta
      if (event.type === 'restart') heard.text = ''
      yield event
    }
    const end = await ended
    if (cancelledBy(left.signal.reason) === 'abandoned_stream') return
    if ('error' in end) {
      yield* partOf(end.error)
      yield* pump.failureEvents(end.error)
      throw end.error
    }
    const { value: text, usage, turnId, replayed } = end.result
    const wasKept = replayed || !pump.wasCalled
    if (typeof text !== 'string' && wasKept) throw new IdempotencyConflictError(request.idempotencyKey ?? '')
    assertArgument(typeof text === 'string', 'afterModel()', text, 'a string, in a streamed turn')
    if (wasKept) yield { type: 'text_delta', delta: text, chunk: null }
    yield { type: 'final', status: 'completed', text, usage, turnId, replayed }
  } finally {
    unwatch?.()
    await ended
  }
}

/** A stream that was left in another process tells what was heard of it there: whoever left it then does so again. */
function* partOf(error: unknown): Generator<StreamEvent<never>, void, undefined> {
  const text = isRuntimeError(error) && error instanceof StreamAbandonedError ? error.text : ''
  // Whoever redacted it may have made it something else.
  if (typeof text === 'string' && text !== '') yield { type: 'text_delta', delta: text, chunk: null }
}

function turnOf<Chunk>(request: StreamRequest<Chunk>, pump: Pump<Chunk>, left: AbortSignal): TurnRequest<string> {
  const { sessionId, name, model, estimate, timeoutMs, input, idempotencyKey, fingerprint, functions, usage } = request
  return {
    sessionId,
    name,
    thunk: (call) => pump.run(call),
    model,
    usage: typeof usage === 'function' ? undefined : usage,
    readUsage: undefined,
    estimate,
    timeoutMs,
    signal: left,
    input,
    idempotencyKey,
    fingerprint,
    functions,
  }
}

/** Reads the upstream of one turn, attempt after attempt. */
class Pump<Chunk> {
  readonly events = new Rendezvous<StreamEvent<Chunk>>()
  readonly #context: Context
  readonly #request: StreamRequest<Chunk>
  wasCalled = false
  #failure: { readonly error: unknown } | undefined

  constructor(context: Context, request: StreamRequest<Chunk>) {
    this.#context = context
    this.#request = request
  }

  async run(call: RunningTurn): Promise<string> {
    const { signal } = call
    this.wasCalled = true
    try {
      if (call.attempt > 1) await this.events.offer({ type: 'restart', attempt: call.attempt })
      return await this.#read(call)
    } catch (error) {
      if (!signal.aborted) this.#failure = { error }
      throw error
    }
  }

  /** Only what this stream's upstream did is told as events: a refusal, an abort or a limit is just thrown. */
  *failureEvents(error: unknown): Generator<StreamEvent<Chunk>, void, undefined> {
    const isTimeout = this.wasCalled && isRuntimeError(error) && error.code === 'turn_timeout'
    if (!isTimeout && this.#failure?.error !== error) return
    const errorType = isTimeout ? 'timeout' : describeError(error).name
    yield { type: 'error', errorType, message: messageOf(error) }
    yield { type: 'final', status: 'failed', detail: errorType }
  }

  /** An aborted call is over: nothing of what still comes is looked at, counted or told. */
  async #read(call: RunningTurn): Promise<string> {
    const { thunk, text: textOf, usage, keepChunks } = this.#request
    const upstream = new Upstream<Chunk>(this.#context.clock, call, this.#request)
    const kept = keepChunks ? new KeptText(this.#context, call) : undefined
    let text = ''
    try {
      await upstream.open(() => thunk(call))
      for (let next = await upstream.next(); !next.done; next = await upstream.next()) {
        call.signal.throwIfAborted()
        const chunk = next.value
        const used = typeof usage === 'function' ? usage(chunk) : undefined
        if (used) call.reportUsage(used)
        const delta = textOf(chunk)
        assertArgument(typeof delta === 'string', 'text()', delta, 'a string')
        text += delta
        kept?.add(delta)
        await this.events.offer({ type: 'text_delta', delta, chunk })
      }
      return text
    } finally {
      kept?.end()
      upstream.close()
    }
  }
}

/** Never throws, whatever was thrown. */
function messageOf(error: unknown): string {
  return tryRead(() => (error instanceof Error ? error.message : String(error))) ?? describeError(error).name
}
