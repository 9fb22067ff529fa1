import * as v from 'valibot'
import { defaultBreakerSettings, type BreakerSettings } from '../../slices/rules/breaker.js'
import { FAILURE_CLASSES, type FailureClass } from '../../slices/rules/failures.js'
import { amount, delayMs, nonBlank, oneOf, parse, positiveCount, strictOptions } from './schema.js'

export interface CircuitBreakerOptions {
  /** Sessions that name the same breaker share it. */
  readonly name: string
  /** Failures in a row that open it. Default 5. */
  readonly failureThreshold?: number | undefined
  /** How long it stays open before it lets a probe through. Default 60,000. */
  readonly recoveryTimeoutMs?: number | undefined
  /** Probes at a time while half-open; all in flight must succeed. Default 1. */
  readonly halfOpenMaxProbes?: number | undefined
  /** How long a probe that does not answer holds its slot. Default 300,000. */
  readonly probeTimeoutMs?: number | undefined
  /**
   * Failures that say nothing about the other side and leave the breaker as it is, such as `validation_error`. Default: none, so
   * that any error counts, timeouts included.
   */
  readonly ignoredFailures?: readonly FailureClass[] | undefined
}

const breakerSchema = strictOptions(
  {
    name: nonBlank,
    failureThreshold: v.optional(positiveCount),
    recoveryTimeoutMs: v.optional(amount),
    halfOpenMaxProbes: v.optional(positiveCount),
    probeTimeoutMs: v.optional(delayMs),
    ignoredFailures: v.optional(v.array(oneOf(FAILURE_CLASSES), 'a list of failure classes')),
  },
  'an object with a name',
) satisfies v.GenericSchema<unknown, CircuitBreakerOptions>

export function parseBreaker(
  options: CircuitBreakerOptions,
  field: string,
): { readonly name: string; readonly settings: BreakerSettings } {
  const parsed = parse(breakerSchema, options, field)
  return {
    name: parsed.name,
    settings: {
      failureThreshold: parsed.failureThreshold ?? defaultBreakerSettings.failureThreshold,
      recoveryTimeoutMs: parsed.recoveryTimeoutMs ?? defaultBreakerSettings.recoveryTimeoutMs,
      halfOpenMaxProbes: parsed.halfOpenMaxProbes ?? defaultBreakerSettings.halfOpenMaxProbes,
      probeTimeoutMs: parsed.probeTimeoutMs ?? defaultBreakerSettings.probeTimeoutMs,
      ignoredFailures: parsed.ignoredFailures ?? defaultBreakerSettings.ignoredFailures,
    },
  }
}
