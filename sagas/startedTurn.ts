import type { TurnId } from '../slices/facts.js'
import type { Admission } from '../slices/rules/breaker.js'
import type { Failure } from '../slices/rules/failures.js'
import type { PriceId } from '../slices/rules/prices.js'
import type { Route } from '../slices/rules/routing.js'
import type { UsageSnapshot } from '../slices/rules/tokens.js'
import type { Candidate } from './admission.js'

/** A turn that was started, at one of its attempts. */
export interface StartedTurn extends Candidate {
  readonly turnId: TurnId
  /** From 1. */
  readonly attempt: number
  /** For each attempt. */
  readonly timeoutMs: number | null
  /** The one in force when this attempt began. */
  readonly price: PriceId
  readonly admission: Admission | null
  readonly route: Route | null
}

/** What a call used, as far as anybody said. */
export type KnownUsage = UsageSnapshot | undefined

/** An attempt that did not succeed. */
export interface FailedAttempt extends Failure {
  readonly error: unknown
  readonly usage: KnownUsage
}
