import { describe, expect, it } from 'vitest'
import {
  facts,
  InvalidArgumentError,
  recipeFor,
  SCENARIOS,
  type OrchestratorOptions,
  type PolicyRule,
} from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

const timedOut = httpError(504)

describe('a recovery that is only recorded', () => {
  it('is the default: nothing is called again, and the error goes on as it was [REC-3, TURN-19]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const thunk = scripted(timedOut)
    expect(await rejection(session.runTurn(thunk))).toBe(timedOut)
    expect(thunk).toHaveBeenCalledTimes(1)
    expect(clock.pendingTimers).toBe(0)
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/failed', 'recovery/attempted'])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toEqual([
      {
        sessionId: session.id,
        callId: 'turn-1',
        scenario: 'llm_timeout',
        outcome: 'recovered',
        recoveredSteps: ['retry_with_backoff'],
        remainingSteps: [],
        reason: '',
      },
    ])
  })

  it('is counted per scenario and session, until the recipe is used up [REC-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    for (const error of [timedOut, timedOut, httpError(429), timedOut, timedOut]) {
      await rejection(session.runTurn(scripted(error)))
    }
    const outcomes = payloadsOf(runtime.log, facts.recoveryAttempted).map(({ scenario, outcome, reason }) => [
      scenario,
      outcome,
      reason,
    ])
    const exhausted = ['llm_timeout', 'escalation_required', 'max attempts (2) exhausted for llm_timeout']
    expect(outcomes).toEqual([
      ['llm_timeout', 'recovered', ''],
      ['llm_timeout', 'recovered', ''],
      ['llm_error', 'recovered', ''],
      exhausted,
      exhausted,
    ])
    expect(session.summary().recovery).toMatchObject({
      attempts: { llm_timeout: 2, llm_error: 1 },
      exhausted: ['llm_timeout'],
    })
    const other = await orchestrator.open()
    await rejection(other.runTurn(scripted(timedOut)))
    expect(other.summary().recovery).toMatchObject({ attempts: { llm_timeout: 1 }, exhausted: [] })
  })

  it('asks the handlers of steps, which may hang without keeping an abort waiting [REC-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      recovery: { steps: { switch_provider: () => false, retry_with_backoff: () => new Promise(() => undefined) } },
    })
    const session = await orchestrator.open()
    const stop = new AbortController()
    const turn = rejection(session.runTurn(scripted(timedOut), { signal: stop.signal }))
    await settle()
    stop.abort('enough')
    expect(await turn).toBe(timedOut)
    await rejection(session.runTurn(scripted(httpError(503))))
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'partial_recovery', remainingSteps: ['retry_with_backoff'] },
      { outcome: 'partial_recovery', remainingSteps: ['switch_provider', 'retry_with_backoff'] },
    ])
  })
})

describe('a scenario whose attempts are used up', () => {
  const stuck: PolicyRule = {
    name: 'stuck',
    condition: { type: 'retryExhausted', scenario: 'provider_failure' },
    actions: [{ action: 'abort_phase' }],
  }

  it.each(['record', 'execute'] as const)('is seen by a policy, mode %s [REC-4, RETRY-3]', async (mode) => {
    const { orchestrator, clock } = createTestRuntime({ policy: [stuck], recovery: { mode } })
    const session = await orchestrator.open()
    expect(session.evaluatePolicy()).toEqual([])
    const down = httpError(503)
    for (let turn = 0; turn < (mode === 'record' ? 3 : 1); turn += 1) {
      const failing = rejection(session.runTurn(scripted(down, down, down)))
      await clock.advance(600_000)
      expect(await failing).toBe(down)
    }
    expect(session.evaluatePolicy()).toEqual([{ action: 'abort_phase' }])
  })
})

describe('the recovery options', () => {
  type Recovery = NonNullable<OrchestratorOptions['recovery']>

  it.each<[string, unknown]>([
    ['recovery.mode', { mode: 'retry' }],
    ['recovery.recipes.llm_error.steps', { recipes: { llm_error: { steps: [] } } }],
    ['recovery.recipes.llm_error.steps[0]', { recipes: { llm_error: { steps: ['pray'] } } }],
    ['recovery.recipes.llm_error.maxAttempts', { recipes: { llm_error: { maxAttempts: 0 } } }],
    ['recovery.recipes.llm_error.escalationPolicy', { recipes: { llm_error: { escalationPolicy: 'cry' } } }],
    [
      'recovery.recipes.llm_timeout.stepRetries.switch_provider',
      { recipes: { llm_timeout: { stepRetries: { switch_provider: 2 } } } },
    ],
    [
      'recovery.recipes.llm_timeout.stepRetries.retry_with_backoff',
      { recipes: { llm_timeout: { stepRetries: { retry_with_backoff: -1 } } } },
    ],
    ['recovery.steps.restart_agent', { steps: { restart_agent: true } }],
    ['recovery.backoff.baseMs', { backoff: { baseMs: 0 } }],
    ['recovery.backoff.jitter', { backoff: { jitter: 'some' } }],
    ['recovery.maxRetryAfterMs', { maxRetryAfterMs: -1 }],
    ['recovery.escalation', { escalation: 'shout' }],
    ['recovery.escalationTimeoutMs', { escalationTimeoutMs: NaN }],
    ['recovery.retries', { retries: 3 }],
  ])('name %s when that is not usable [REC-1]', (field, recovery) => {
    expect(() => createTestRuntime({ recovery: recovery as Recovery })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it('are kept in the log without their functions [REC-1]', () => {
    const { runtime } = createTestRuntime({
      recovery: { mode: 'execute', recipes: { llm_error: { maxAttempts: 5 } }, steps: { restart_agent: () => true } },
    })
    const [registered] = payloadsOf(runtime.log, facts.orchestratorRegistered)
    expect(registered?.config.recovery).toEqual({
      mode: 'execute',
      recipes: { llm_error: { ...recipeFor('llm_error'), maxAttempts: 5 } },
      backoff: {},
      maxRetryAfterMs: 120_000,
      escalation: 'pause',
      escalationTimeoutMs: 1_800_000,
    })
  })

  it('have a recipe for every scenario [REC-2]', () => {
    expect(SCENARIOS.map((scenario) => recipeFor(scenario).scenario)).toEqual([...SCENARIOS])
    expect(() => recipeFor('bad_luck' as 'llm_error')).toThrow(InvalidArgumentError)
  })
})
