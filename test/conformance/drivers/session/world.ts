import {
  createAgentRuntime,
  createPiiRedactor,
  type AgentRuntime,
  type Clock,
  type Hook,
  type MemoryLog,
  type Orchestrator,
  type OrchestratorOptions,
  type Sink,
  type UsageRecord,
} from '../../../../src/index.js'
import { raisable, type ErrorDescription } from '../../errors.js'
import { guardrailOf } from '../guardrails.js'
import { permissionsOf } from '../permissions.js'
import { ruleOf } from '../policy.js'
import { levelName } from '../qualityGate.js'
import { limitsOf } from '../usageLimits.js'
import type { Input, ReferenceHook, ReferenceOrchestrator } from './vectors.js'

/** What the runs of one case share. */
export interface World {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly orchestrator: Orchestrator
  readonly clock: { nowMs: number }
  readonly reference: ReferenceOrchestrator
  /** The errors that the case itself raised. */
  readonly raised: unknown[]
  readonly usageRecords: UsageRecord[]
}

export function setUp({ pricing, orchestrator: reference }: Input): World {
  const clock = { nowMs: 0 }
  const usageRecords: UsageRecord[] = []
  const runtime = createAgentRuntime({
    clock: reference.rateLimiter ? advancingClock(clock) : realTimers(clock),
    sinks: [
      failingSink(reference.eventSinkFailsAt ?? []),
      { name: 'usage', usage: (record) => void usageRecords.push(record) },
    ],
    onWarning: () => undefined,
  })
  runtime.registerPricing(pricing)
  const raised: unknown[] = []
  const hooks = reference.hooks?.map((hook) => hookOf(hook, raised))
  const orchestrator = runtime.orchestrator({ ...optionsOf(reference), hooks })
  return { runtime, orchestrator, clock, reference, raised, usageRecords }
}

/** Timeouts are real, everything else sees the manual time. */
function realTimers(clock: World['clock']): Clock {
  return {
    now: () => clock.nowMs,
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  }
}

/** Waiting takes no time, and is over at the time for which it waited. */
function advancingClock(clock: World['clock']): Clock {
  return {
    now: () => clock.nowMs,
    setTimeout: (callback, ms) =>
      setImmediate(() => {
        clock.nowMs += ms
        callback()
      }),
    clearTimeout: (timer) => clearImmediate(timer as NodeJS.Immediate),
  }
}

function failingSink(failsAt: readonly number[]): Sink {
  let emitted = -1
  return {
    name: 'failing',
    event() {
      emitted += 1
      if (failsAt.includes(emitted)) throw new Error('sink is down')
    },
  }
}

function optionsOf(reference: ReferenceOrchestrator): OrchestratorOptions {
  const { role = 'writer', phase = 'draft', breaker, permissions, qualityGate } = reference
  return {
    role,
    phase,
    projectId: reference.projectId,
    budgetUsd: reference.budgetUsd,
    enforceBudget: reference.enforceBudget,
    maxIterations: reference.maxIterations,
    permissions: permissions && permissionsOf(permissions),
    circuitBreaker: breaker && {
      name: breaker.name,
      failureThreshold: breaker.failureThreshold,
      recoveryTimeoutMs:
        breaker.recoveryTimeoutSeconds === undefined ? undefined : breaker.recoveryTimeoutSeconds * 1_000,
      halfOpenMaxProbes: breaker.halfOpenMaxProbes,
    },
    governance: reference.governance,
    usageLimits: reference.usageLimits && limitsOf(reference.usageLimits),
    rateLimit: reference.rateLimiter && rateLimitOf(reference.rateLimiter),
    // The reference waits without a limit.
    maxRateLimitWaitMs: 2 ** 31 - 1,
    guardrails: reference.guardrails?.map(guardrailOf),
    policy: reference.policyRules?.map(ruleOf),
    qualityGate: qualityGate === undefined ? undefined : levelName(qualityGate),
  }
}

function rateLimitOf({ rpm, input_tpm, output_tpm }: NonNullable<ReferenceOrchestrator['rateLimiter']>) {
  return { name: 'provider', requests: rpm, inputTokens: input_tpm, outputTokens: output_tpm }
}

function hookOf(hook: ReferenceHook, raised: unknown[]): Hook {
  switch (hook.kind) {
    case 'redactPii':
      return createPiiRedactor()
    case 'appendResult': {
      const append = (value: unknown): unknown => (typeof value === 'string' ? value + hook.suffix : value)
      return { name: 'append', afterModel: append, afterTool: append }
    }
    case 'throwBefore':
      return {
        name: 'throw',
        [hook.at]() {
          throw raiseIn({ raised }, hook.error)
        },
      }
  }
}

/** Remembered, so that it is known again when it comes back. */
export function raiseIn({ raised }: Pick<World, 'raised'>, description: ErrorDescription): Error {
  const error = raisable(description)
  raised.push(error)
  return error
}
