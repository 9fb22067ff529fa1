import type { RecordedError } from '../../../slices/rules/answers.js'
import type { Json } from '../../../slices/rules/json.js'
import type { UsageSnapshot } from '../../../slices/rules/tokens.js'
import type { Fact } from '../../../slices/fact.js'

/** A run that can be replayed: what happened, and what the user's functions answered. JSON. */
export interface RecordedRun {
  readonly facts: readonly Fact[]
  /** In the order in which they ended. */
  readonly calls: readonly RecordedCall[]
}

/** What is called: the function of a turn, a tool or a step. */
export interface CallQuestion {
  readonly kind: 'turn' | 'tool' | 'step'
  /** The tool, the step, the turn's `name`. */
  readonly name: string
  /** From 1. Above 1 when a recovery calls the function again. */
  readonly attempt: number
  /** Of a turn that has one. */
  readonly model?: string
  /** Of a turn that is routed. */
  readonly provider?: string
  /** The turn's `input`, or the tool's `args`, where they were given and are JSON. */
  readonly input?: Json
}

/** One call of a user's function, and how it ended. */
export interface RecordedCall extends CallQuestion {
  readonly session: string
  /** The `seq` of the last fact before it. */
  readonly seq: number
  /** How many calls had ended before it began. */
  readonly after: number
  /** Milliseconds. */
  readonly tookMs: number
  /** What it reported to have used until then. */
  readonly usage?: UsageSnapshot
  readonly outcome: CallOutcome
}

export type CallOutcome =
  /** Without a `value`: it returned nothing. */
  | { readonly kind: 'returned'; readonly value?: Json }
  | { readonly kind: 'threw'; readonly error: RecordedFailure }
  | {
      readonly kind: 'streamed'
      readonly chunks: readonly RecordedChunk[]
      /** `left`: nobody read on, or it was aborted. */
      readonly end: 'done' | 'left' | RecordedFailure
    }
  /** It was aborted before it answered: by a timeout, or because its session was over. */
  | { readonly kind: 'abandoned' }
  /** It still ran when the recording was finished. */
  | { readonly kind: 'unfinished' }

export interface RecordedChunk {
  /** Milliseconds since the call began. */
  readonly atMs: number
  readonly chunk: Json
}

/** What is kept of an error that a function threw: enough for the runtime to make of it what it made of the error. */
export interface RecordedFailure extends RecordedError {
  /** How long the other side asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** The HTTP status, wherever the error had it. */
  readonly status?: number
  readonly cause?: RecordedFailure
}
