import { assertArgument, describeError } from '../slices/rules/errors.js'
import type { UsageInput, UsageSnapshot } from '../slices/rules/tokens.js'
import type { Context } from './context.js'
import { KeptText } from './keptText.js'
import { Rendezvous } from './rendezvous.js'
import { Upstream, type ChunkTimeouts } from './upstream.js'
import {
  StreamAbandonedError,
  TurnTimeoutError,
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
export type StreamThunk<Chunk> = (call: TurnCall) => AsyncIterable<Chunk> | PromiseLike<AsyncIterable<Chunk>>

export interface StreamRequest<Chunk> extends Omit<TurnRequest<string>, 'thunk' | 'usage'>, ChunkTimeouts {
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
export async function* streamTurn<Chunk>(
  context: Context,
  request: StreamRequest<Chunk>,
  run: RunTurn,
): AsyncGenerator<StreamEvent<Chunk>, void, undefined> {
  const abandoned = new AbortController()
  const signal = request.signal ? AbortSignal.any([request.signal, abandoned.signal]) : abandoned.signal
  const pump = new Pump(context, request)
  const turn = run({ ...request, signal, thunk: (call) => pump.run(call), usage: pump.fixedUsage })
  let isOver = false
  // The error is for whoever reads the end of the stream.
  void turn.then(...[0, 1].map(() => () => pump.events.close()))
  try {
    for (;;) {
      const event = await pump.events.take()
      if (!event) break
      yield event
    }
    isOver = true
    const { value: text, ...result } = await turn
    if (result.replayed) yield { type: 'text_delta', delta: text, chunk: null }
    yield { type: 'final', status: 'completed', text, ...result }
  } catch (error) {
    isOver = true
    yield* pump.failureEvents(error)
    throw error
  } finally {
    if (!isOver) abandoned.abort(new StreamAbandonedError())
    await turn.catch(() => undefined)
  }
}

/** Reads the upstream of one turn, attempt after attempt. */
class Pump<Chunk> {
  readonly events = new Rendezvous<StreamEvent<Chunk>>()
  readonly #context: Context
  readonly #request: StreamRequest<Chunk>
  #failure: { readonly error: unknown } | undefined

  constructor(context: Context, request: StreamRequest<Chunk>) {
    this.#context = context
    this.#request = request
  }

  get fixedUsage(): UsageSnapshot | undefined {
    return typeof this.#request.usage === 'function' ? undefined : this.#request.usage
  }

  async run(call: RunningTurn): Promise<string> {
    try {
      if (call.attempt > 1) await this.events.offer({ type: 'restart', attempt: call.attempt })
      return await this.#read(call)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  /** Only what the upstream did is told as events: a refusal, an abort or a limit is just thrown. */
  *failureEvents(error: unknown): Generator<StreamEvent<Chunk>, void, undefined> {
    const isTimeout = error instanceof TurnTimeoutError
    if (!isTimeout && this.#failure?.error !== error) return
    const errorType = isTimeout ? 'timeout' : describeError(error).name
    const message = error instanceof Error ? error.message : String(error)
    yield { type: 'error', errorType, message }
    yield { type: 'final', status: 'failed', detail: errorType }
  }

  async #read(call: RunningTurn): Promise<string> {
    const { thunk, text: textOf, usage, keepChunks } = this.#request
    const upstream = new Upstream(this.#context.clock, call, await thunk(call), this.#request)
    const kept = keepChunks ? new KeptText(this.#context, call) : undefined
    let text = ''
    try {
      for (let next = await upstream.next(); !next.done; next = await upstream.next()) {
        const chunk = next.value
        const used = typeof usage === 'function' ? usage(chunk) : undefined
        if (used) call.reportUsage(used)
        const delta = textOf(chunk)
        assertArgument(typeof delta === 'string', 'text()', delta, 'a string')
        text += delta
        kept?.add(delta)
        if (!(await this.events.offer({ type: 'text_delta', delta, chunk }))) break
      }
      return text
    } finally {
      kept?.flush()
      upstream.close()
    }
  }
}
