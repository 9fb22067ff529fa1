import type { SessionId, TurnId } from '../slices/facts.js'
import { AgentRuntimeError, PaidTurnError } from '../slices/rules/errors.js'
import type { UsageInput, UsageSnapshot } from '../slices/rules/tokens.js'
import type { Guardrail } from './guardrails.js'
import type { Hook } from './hooks.js'
import type { RecoveryHandlers, RecoveryInfo } from './recovery.js'

/** What the runtime hands to a turn's function. */
export interface TurnCall {
  readonly sessionId: SessionId
  readonly turnId: TurnId
  /** Aborted by a timeout, by the turn's own signal, and when the session ends. A getter: a spread of the call does not copy it. */
  readonly signal: AbortSignal
  /** The turn's `input`, as hooks left it. */
  readonly input: unknown
  readonly model: string | null
  /** Which provider to call. `null`: the orchestrator has none. */
  readonly provider: string | null
  /** From 1. Above 1 when a recovery calls the function again. */
  readonly attempt: number
  /** What part of the context to send, from 0 to 1. Below 1 when a recovery shrinks it. */
  readonly contextScale: number
  /** What part of the tools to offer, from 0 to 1. Below 1 when a recovery reduces them. */
  readonly toolScale: number
  /** What a recovery did before this attempt. `null`: nothing has failed. */
  readonly recovery: RecoveryInfo | null
  /**
   * Tells what the call has used so far, in full: each report replaces the one before. It is what counts if the call then fails,
   * times out or is aborted.
   */
  reportUsage(usage: UsageInput): void
}

/** The call as the runtime's own functions see it. */
export interface RunningTurn extends TurnCall {
  /** Aborts the signal of this attempt. The turn goes on. */
  stop(reason: unknown): void
}

/** Calls the model. The user's own SDK, prompts and keys stay in here. */
export type TurnThunk<T> = (call: TurnCall) => T | PromiseLike<T>

export interface TurnRequest<T> {
  readonly sessionId: SessionId
  /** What the caller calls it. */
  readonly name: string
  readonly thunk: (call: RunningTurn) => T | PromiseLike<T>
  /** By the provider that was chosen. `null`: the orchestrator's. */
  readonly model: string | ((provider: string | null) => string) | null
  /** What the call uses, or how to read that from what it returned. Default: what it reported. */
  readonly usage: UsageSnapshot | ((value: T) => UsageInput) | undefined
  /** How to read what it uses from what it returned, when nobody says so otherwise. */
  readonly readUsage: ((value: T) => UsageInput) | undefined
  /** What the call is expected to use at most. */
  readonly estimate: UsageSnapshot | null
  /** `undefined`: the orchestrator's. `null`: none. */
  readonly timeoutMs: number | null | undefined
  readonly signal: AbortSignal | undefined
  /** Shown to hooks, to the guardrails that look at turns, and to the turn's function. */
  readonly input: unknown
  readonly idempotencyKey: string | null
  /** Of what the key stands for. */
  readonly fingerprint: string | undefined
  readonly functions: TurnFunctions
}

/** What an orchestrator brings to its turns and that is no data. */
export interface TurnFunctions {
  readonly guardrails: readonly Guardrail[]
  readonly hooks: readonly Hook[]
  readonly recovery: RecoveryHandlers
}

export interface TurnResult<T> {
  readonly value: T
  readonly usage: UsageSnapshot
  readonly turnId: TurnId
  /** Whether an earlier turn with the same idempotency key answered. Then nothing was called. */
  readonly replayed: boolean
}

/** The call took longer than it may. Its signal was aborted; what it still returns is ignored. */
export class TurnTimeoutError extends AgentRuntimeError {
  override readonly name = 'TurnTimeoutError'
  readonly code = 'turn_timeout'

  constructor(readonly timeoutMs: number) {
    super(`turn exceeded timeout of ${(timeoutMs / 1_000).toFixed(3)}s`)
  }
}

/** The model has answered, and what it used could not be read from its answer: `cause` says why. The turn is recorded. */
export class UsageUnreadableError extends PaidTurnError {
  override readonly name = 'UsageUnreadableError'
  readonly code = 'usage_unreadable'

  constructor(cause: unknown) {
    super('what the turn used could not be read from what it returned', { cause })
  }
}

/** Whoever read the stream stopped before its end. Not seen outside: it is the reason of the upstream's signal. */
export class StreamAbandonedError extends AgentRuntimeError {
  override readonly name = 'StreamAbandonedError'
  readonly code = 'stream_abandoned'

  /** @param text - What they had heard of it. */
  constructor(readonly text: string) {
    super('nobody reads this stream any more')
  }
}
