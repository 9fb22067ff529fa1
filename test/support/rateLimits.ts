import {
  facts,
  type AgentSession,
  type Clock,
  type OrchestratorOptions,
  type RateLimitOptions,
} from '../../src/index.js'
import { createTestRuntime } from './runtime.js'
import { payloadsOf } from './scripted.js'

/** One request per second after the first two. */
export const REQUESTS: RateLimitOptions = { name: 'api', requests: { capacity: 2, refillPerSecond: 1 } }

/** A hundred output tokens at once, ten per second. */
export const OUTPUT: RateLimitOptions = { name: 'api', outputTokens: { capacity: 100, refillPerSecond: 10 } }

/** A session behind a rate limit. */
export async function setUpRateLimit(
  rateLimit: RateLimitOptions,
  more: Partial<OrchestratorOptions> = {},
  runtimeClock?: Clock,
) {
  const test = createTestRuntime(
    { rateLimit, maxIterations: 'unlimited', ...more },
    runtimeClock ? { clock: runtimeClock } : {},
  )
  const session = await test.orchestrator.open()
  const started: string[] = []
  /** A turn that says when it was called. */
  const ask = (who: string, options: Parameters<AgentSession['runTurn']>[1] = {}) =>
    session
      .runTurn(() => void started.push(`${who} at ${test.clock.now() - 1_000}`), { usage: {}, ...options })
      .catch((error: unknown) => void started.push(`${who} left: ${String(error)}`))
  const level = (bucket: 'rpm' | 'input_tpm' | 'output_tpm' = 'output_tpm') => {
    const { tokens = NaN } = test.runtime.getState().rateLimits['api']?.[bucket] ?? {}
    return tokens
  }
  const charges = () => payloadsOf(test.runtime.log, facts.rateLimitsCharged).map(({ tokens }) => tokens)
  return { ...test, session, started, ask, level, charges }
}

export const estimate = (outputTokens: number) => ({ estimate: { outputTokens }, usage: { outputTokens } })
