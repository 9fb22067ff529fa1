import { AgentRuntimeError } from './errors.js'
import type { FailureClass } from './failures.js'

/** When a circuit breaker opens, and how it finds out that the other side is back. */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failureThreshold: number
  /** How long it stays open before it lets a probe through, in milliseconds. */
  readonly recoveryTimeoutMs: number
  /** Probes at a time while half-open. All that are in flight must succeed before it closes. */
  readonly halfOpenMaxProbes: number
  /** After this many milliseconds a probe that has not answered gives its slot up; its outcome no longer counts. */
  readonly probeTimeoutMs: number
  /** Failures that say nothing about the other side: they neither open it nor close it. */
  readonly ignoredFailures: readonly FailureClass[]
}

export const defaultBreakerSettings: BreakerSettings = {
  failureThreshold: 5,
  recoveryTimeoutMs: 60_000,
  halfOpenMaxProbes: 1,
  probeTimeoutMs: 300_000,
  ignoredFailures: [],
}

export type BreakerState = 'closed' | 'open' | 'half_open'

export interface Breaker extends BreakerSettings {
  readonly name: string
  readonly state: BreakerState
  /** Counts the periods: each change of state begins one. Only outcomes of calls admitted in this period count. */
  readonly generation: number
  readonly failures: number
  /** Unix ms. `null`: none since it last closed. */
  readonly lastFailureAt: number | null
  /** The probes in flight. Empty unless half-open. */
  readonly probes: readonly Probe[]
}

interface Probe {
  readonly callId: string
  readonly since: number
}

/** How a call was let through; it carries this until its outcome is known. */
export interface Admission {
  readonly breaker: string
  readonly generation: number
  readonly probe: boolean
}

/** `released`: aborted before it had an outcome. Frees a probe's slot and is neither success nor failure. */
export type BreakerOutcome = 'success' | 'failure' | 'released'

/** The breaker is open, or all its probes are in flight. Nothing was called. */
export class CircuitOpenError extends AgentRuntimeError {
  override readonly name = 'CircuitOpenError'
  readonly code = 'circuit_open'

  /** @param retryAt - When the breaker will let a probe through, in Unix ms. `null`: when a probe in flight ends. */
  constructor(
    readonly breaker: string,
    readonly retryAt: number | null,
  ) {
    super(`circuit breaker '${breaker}' is open`)
  }
}

export function createBreaker(name: string, settings: BreakerSettings): Breaker {
  return { name, ...settings, state: 'closed', generation: 0, failures: 0, lastFailureAt: null, probes: [] }
}

/** How a call may go through at `now`, or `undefined`: it may not. */
export function admission(breaker: Breaker, now: number): Admission | undefined {
  const { name, generation } = breaker
  switch (breakerStateAt(breaker, now)) {
    case 'closed':
      return { breaker: name, generation, probe: false }
    case 'half_open':
      if (breaker.state === 'open') return { breaker: name, generation: generation + 1, probe: true }
      return liveProbes(breaker, now).length < breaker.halfOpenMaxProbes
        ? { breaker: name, generation, probe: true }
        : undefined
    case 'open':
      return undefined
  }
}

/** The state as a caller meets it: an open breaker whose time is up lets a probe through. */
export function breakerStateAt(breaker: Breaker, now: number): BreakerState {
  return breaker.state === 'open' && now >= recoversAt(breaker) ? 'half_open' : breaker.state
}

export function recoversAt(breaker: Breaker): number {
  return (breaker.lastFailureAt ?? 0) + breaker.recoveryTimeoutMs
}

/** An admitted call began. Only probes change anything. */
export function begin(breaker: Breaker, admitted: Admission, callId: string, at: number): Breaker {
  if (!admitted.probe) return breaker
  const entered = breaker.state === 'open' ? enter(breaker, 'half_open') : breaker
  return { ...entered, probes: [...liveProbes(entered, at), { callId, since: at }] }
}

/** An admitted call ended. Outcomes of earlier periods, and of probes that gave their slot up, change nothing. */
export function finish(
  breaker: Breaker,
  admitted: Admission,
  callId: string,
  outcome: BreakerOutcome,
  at: number,
): Breaker {
  if (admitted.generation !== breaker.generation) return breaker
  if (breaker.state === 'closed') return record(breaker, outcome, at)
  if (!liveProbes(breaker, at).some((probe) => probe.callId === callId)) return breaker
  return endProbe(breaker, callId, outcome, at)
}

/** An outcome that somebody observed outside of a call. It counts in whatever state the breaker is. */
export function record(breaker: Breaker, outcome: BreakerOutcome, at: number): Breaker {
  if (outcome === 'failure') return fail(breaker, at)
  if (outcome === 'released') return breaker
  const [probe] = liveProbes(breaker, at)
  const counted = breaker.failures === 0 ? breaker : { ...breaker, failures: 0 }
  return probe ? endProbe(counted, probe.callId, 'success', at) : counted
}

export function reset(breaker: Breaker): Breaker {
  return close(breaker)
}

function endProbe(breaker: Breaker, callId: string, outcome: BreakerOutcome, at: number): Breaker {
  if (outcome === 'failure') return fail(breaker, at)
  const probes = liveProbes(breaker, at).filter((probe) => probe.callId !== callId)
  return outcome === 'success' && probes.length === 0 ? close(breaker) : { ...breaker, probes }
}

function fail(breaker: Breaker, at: number): Breaker {
  const failed = { ...breaker, failures: breaker.failures + 1, lastFailureAt: at }
  const opens =
    breaker.state === 'half_open' || (breaker.state === 'closed' && failed.failures >= breaker.failureThreshold)
  return opens ? enter(failed, 'open') : failed
}

function close(breaker: Breaker): Breaker {
  return { ...enter(breaker, 'closed'), failures: 0, lastFailureAt: null }
}

function enter(breaker: Breaker, state: BreakerState): Breaker {
  return { ...breaker, state, generation: breaker.generation + 1, probes: [] }
}

function liveProbes(breaker: Breaker, now: number): readonly Probe[] {
  return breaker.probes.filter((probe) => now - probe.since < breaker.probeTimeoutMs)
}
