import type { ToolThunk } from '../sagas/toolRequest.js'
import { assertArgument, InvalidArgumentError } from '../slices/rules/errors.js'
import type { Json } from '../slices/rules/json.js'
import type { UsageInput } from '../slices/rules/tokens.js'
import { delayMs, parse } from './config/schema.js'

/*
 * What the calls of a session take, and how it is checked.
 */

interface CallOptions {
  /** Aborts this call. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface AnyTurnOptions extends CallOptions {
  /**
   * What the turn is called when a session is taken up from its log: turns that run at the same time are told apart by their name,
   * model and input. Default: none.
   */
  readonly name?: string | undefined
  /** Decides the price; a function is asked once the provider is known. Default: the orchestrator's model. */
  readonly model?: string | ((provider: string | null) => string) | undefined
  /**
   * What hooks and guardrails that look at turns are shown before the call, and what the turn's function then finds as
   * `call.input`. Kept nowhere.
   */
  readonly input?: unknown
  /**
   * What the call is expected to use at most. An enforced budget and a rate limit reserve that much before the call, and settle
   * when it is known what was used: turns that run at the same time cannot spend the same money twice. Default: nothing.
   */
  readonly estimate?: UsageInput | undefined
  /**
   * Turns of a thread with the same key run once: those that come later, or meanwhile, get the same answer. The answer must be
   * JSON, and is kept in the log. The key stands for one model and one `input`.
   */
  readonly idempotencyKey?: string | undefined
}

export interface TurnOptions<T> extends AnyTurnOptions {
  /** What the call uses, or how to read that from what it returned. Default: what the function reported by `reportUsage`. */
  readonly usage?: UsageInput | ((value: T) => UsageInput) | undefined
  /**
   * Gives up after this many milliseconds and aborts the function's signal. `null`: never. Default: the orchestrator's
   * `turnTimeoutMs`.
   */
  readonly timeoutMs?: number | null | undefined
}

export interface StreamOptions<Chunk> extends AnyTurnOptions {
  /** The text in a chunk. Default: the chunk itself, which must be a string then. */
  readonly text?: ((chunk: Chunk) => string) | undefined
  /**
   * What the call uses, or how to read that from a chunk: the last one for which the function returns something counts. Default:
   * what the function reported by `reportUsage`.
   */
  readonly usage?: UsageInput | ((chunk: Chunk) => UsageInput | null | undefined) | undefined
  /** As a number: the whole stream. `null`: no limit. Default: the orchestrator's `turnTimeoutMs` for the whole stream. */
  readonly timeoutMs?: number | null | StreamTimeouts | undefined
  /** Whether the text goes into the log, in pieces of a thousand characters. Default false. */
  readonly keepChunks?: boolean | undefined
}

/** In milliseconds. Each aborts the function's signal and fails the call, which a recovery may try again. */
export interface StreamTimeouts {
  /**
   * From the start of the call to the end of its answer, the time that its reader takes included. `null`: no limit. Default: the
   * orchestrator's `turnTimeoutMs`.
   */
  readonly totalMs?: number | null | undefined
  /** From the start of the call to its first chunk. `null`, the default: no limit. */
  readonly firstChunkMs?: number | null | undefined
  /** From asking for any later chunk to its arrival. `null`, the default: no limit. */
  readonly chunkMs?: number | null | undefined
}

export interface ToolOptions<Args = unknown> extends CallOptions {
  /** What hooks and guardrails are shown, and what the tool's function then finds as `call.args`. Kept nowhere. */
  readonly args?: Args
  /**
   * Gives up after this many milliseconds and aborts the function's signal. `null`: never. Default: the orchestrator's
   * `toolTimeoutMs`.
   */
  readonly timeoutMs?: number | null | undefined
  /** Whether a recovery may call the tool again. Default false. */
  readonly idempotent?: boolean | undefined
  /** Waits until a person has approved the call. `true`, or when and how. Default false. */
  readonly requireApproval?: boolean | ApprovalOptions<Args> | undefined
}

export interface ApprovalOptions<Args = unknown> {
  /** Whether these arguments need an approval. Default: all do. */
  readonly when?: ((args: Args) => boolean | PromiseLike<boolean>) | undefined
  /** What the person is shown: JSON. It is kept in the log. Default: nothing, so that no arguments get into the log. */
  readonly preview?: ((args: Args) => Json) | undefined
  /** How long the person has. `null`: for ever. Default 1,800,000. */
  readonly timeoutMs?: number | null | undefined
}

/** One of several tool calls. */
export interface ToolSpec<T = unknown> extends Omit<ToolOptions, 'signal'> {
  readonly name: string
  readonly run: ToolThunk<T>
  /** All of them have the one that is given to `runTools`. */
  readonly signal?: never
}

export interface ToolsOptions<Settle extends 'first_failure' | 'all' = 'first_failure'> extends CallOptions {
  /** How many run at the same time. Default: all. */
  readonly concurrency?: number | undefined
  /** For each call that has no limit of its own. Default: the orchestrator's `toolTimeoutMs`. */
  readonly timeoutMs?: number | null | undefined
  /**
   * `'first_failure'`, the default: the first one that fails aborts the others, and its error is thrown. `'all'`: none does, and
   * every outcome is returned.
   */
  readonly settle?: Settle | undefined
}

export interface HandoffOptions {
  readonly reason: string
  /** What the next agent needs to know. JSON; it is kept in the log. Keys that hold `undefined` are left out. Default: nothing. */
  readonly context?: object | undefined
}

export type StepOptions = CallOptions

export interface PauseOptions extends CallOptions {
  /** How long a person has. `null`, the default: for ever. */
  readonly timeoutMs?: number | null | undefined
}

// What JavaScript callers pass may be anything.
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** @throws {InvalidArgumentError} An option that nobody knows: most likely a slip of the pen. */
export function assertKnown<Options extends object>(
  options: Options,
  known: readonly (keyof Options & string)[],
  field = '',
): void {
  assertArgument(isObject(options), 'options', options, 'an object of options')
  for (const key in options) {
    if ((known as readonly string[]).includes(key)) continue
    const path = field === '' ? key : `${field}.${key}`
    const message = `${path} is not a known option, known are ${known.join(', ')}`
    throw new InvalidArgumentError(path, options[key], 'left out', message)
  }
}

/** `undefined` stays: somebody else decides. */
export function parseTimeout(timeoutMs: number | null | undefined, field = 'timeoutMs'): number | null | undefined {
  return timeoutMs === undefined || timeoutMs === null ? timeoutMs : parse(delayMs, timeoutMs, field)
}

export function parseSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  assertArgument(signal === undefined || signal instanceof AbortSignal, 'signal', signal, 'an AbortSignal')
  return signal
}
