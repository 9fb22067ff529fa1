import type { GuardrailSubject, GuardrailVerdict } from '../../../src/index.js'
import { attempt, createWorld, fail, hang, TURN, type Scenario } from './world.js'

/** Calls that fail, are retried, time out, are aborted and are blocked, behind a breaker and a router. */
export const failures: Scenario = async () => {
  const { runtime, orchestrator, clock } = createWorld({
    recovery: { mode: 'execute', backoff: { baseMs: 100, capMs: 1_000, jitter: 'none' }, escalation: 'rethrow' },
    circuitBreaker: { name: 'model-api', failureThreshold: 2, recoveryTimeoutMs: 5_000 },
    providers: { name: 'models', kind: 'round_robin', providers: ['north', 'south'] },
    guardrails: [{ name: 'no-secrets', stages: ['post'], appliesTo: ['turn', 'tool'], check: isClean }],
  })
  const session = await orchestrator.open()
  let calls = 0
  const flaky = () => ((calls += 1) === 1 ? fail(503)() : Promise.resolve('answered'))
  const retried = session.runTurn(flaky, TURN)
  await clock.advance(10_000)
  await attempt(retried)
  calls = 0
  const retriedTool = session.runTool('fetch', flaky, { idempotent: true })
  await clock.advance(10_000)
  await attempt(retriedTool)
  const abort = new AbortController()
  const aborted = Promise.all([
    attempt(session.runTurn(hang, { ...TURN, signal: abort.signal })),
    attempt(session.runTool('slow', hang, { signal: abort.signal })),
  ])
  await clock.advance(10)
  abort.abort()
  await aborted
  await attempt(session.runTurn(() => 'a secret', TURN))
  await attempt(session.runTool('read', () => 'a secret'))
  await attempt(session.runTool('break', fail(500)))
  const timedOut = attempt(session.runTurn(hang, { ...TURN, timeoutMs: 500 }))
  await clock.advance(60_000)
  await timedOut
  const breaker = runtime.breaker('model-api')
  breaker.recordFailure()
  breaker.reset()
  breaker.recordSuccess()
  await session.fail('gave up', 'unknown')
  const cancelled = await orchestrator.open()
  await cancelled.cancel('not needed')
  return runtime.log
}

function isClean({ value }: GuardrailSubject): GuardrailVerdict {
  return value === 'a secret' ? { allowed: false } : { allowed: true }
}
