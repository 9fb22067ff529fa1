import { describe, expect, it, vi } from 'vitest'
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
import { httpError, payloadsOf, scripted, scriptedTool } from './support/scripted.js'

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

describe('a recipe that is used up', () => {
  const escalating = { recovery: { mode: 'execute', backoff: { jitter: 'none' } } } as const

  it('pauses the session and starts afresh when a person says so [RETRY-12]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime(escalating)
    const session = await orchestrator.open()
    const thunk = scripted(timedOut, timedOut, timedOut, timedOut, 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(6_000)
    expect(session.status).toBe('waiting_for_input')
    expect(session.pendingRequests).toMatchObject([
      { kind: 'escalation', prompt: 'turn-1 could not be recovered from llm_timeout: retry or give_up?' },
    ])
    session.provideInput('retry')
    await clock.advance(2_000)
    expect((await turn).value).toBe('done')
    expect(session.status).toBe('running')
    const round = ['turns/attemptFailed', 'recovery/attempted', 'turns/retried']
    expect(sessionFacts().slice(1)).toEqual([
      ...['turns/started', ...round, ...round],
      ...['turns/attemptFailed', 'recovery/attempted', 'inputs/requested', 'inputs/provided', 'turns/retried'],
      ...[...round, 'turns/completed'],
    ])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted).map(({ outcome }) => outcome)).toEqual([
      ...['recovered', 'recovered', 'escalation_required', 'recovered'],
    ])
    expect(payloadsOf(runtime.log, facts.turnRetried).map(({ steps, waitedMs }) => [steps, waitedMs])).toEqual([
      [['retry_with_backoff'], 2_000],
      [['retry_with_backoff'], 4_000],
      [[], 0],
      [['retry_with_backoff'], 2_000],
    ])
    expect(thunk.seen[3]?.recovery).toEqual({ scenario: 'llm_timeout', steps: [] })
  })

  it.each(['give_up', 'RETRY', null, { retry: true }])(
    'rethrows the error when the person says %j [RETRY-12]',
    async (answer) => {
      const { orchestrator, clock, sessionFacts } = createTestRuntime(escalating)
      const session = await orchestrator.open()
      const turn = rejection(session.runTurn(scripted(timedOut, timedOut, timedOut)))
      await clock.advance(6_000)
      session.provideInput(answer)
      expect(await turn).toBe(timedOut)
      expect(sessionFacts().slice(-2)).toEqual(['inputs/provided', 'turns/failed'])
      expect(clock.pendingTimers).toBe(0)
    },
  )

  it('rethrows the error when nobody answers for half an hour [RETRY-12]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(escalating)
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(scripted(timedOut, timedOut, timedOut)))
    await clock.advance(6_000 + 1_799_999)
    expect(session.status).toBe('waiting_for_input')
    await clock.advance(1)
    expect(await turn).toBe(timedOut)
    expect(session.status).toBe('running')
    expect(sessionFacts().slice(-2)).toEqual(['inputs/expired', 'turns/failed'])
  })

  it('rethrows at once when nobody is to be asked [RETRY-12]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime({
      recovery: { ...escalating.recovery, escalation: 'rethrow' },
    })
    const session = await orchestrator.open()
    const turn = rejection(session.runTurn(scripted(timedOut, timedOut, timedOut)))
    await clock.advance(6_000)
    expect(await turn).toBe(timedOut)
    expect(sessionFacts().slice(-2)).toEqual(['recovery/attempted', 'turns/failed'])
  })

  it.each([
    ['tool_execution_error', new Error('the tool failed')],
    ['memory_corruption', new SyntaxError('not JSON')],
  ])('of %s asks nobody [RETRY-12]', async (_scenario, error) => {
    const { orchestrator, clock } = createTestRuntime(escalating)
    const session = await orchestrator.open()
    expect(await rejection(session.runTurn(scripted(error, error)))).toBe(error)
    expect(session.pendingRequests).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('may call every provider again when a person says so [RETRY-12, RETRY-7]', async () => {
    const { orchestrator, clock } = createTestRuntime({
      recovery: { ...escalating.recovery, recipes: { llm_error: { maxAttempts: 1 } } },
      providers: { name: 'models', kind: 'static', providers: ['north', 'south'] },
    })
    const session = await orchestrator.open()
    const busy = httpError(429)
    const thunk = scripted(busy, busy, busy, 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(2_000)
    session.provideInput('retry')
    await clock.advance(2_000)
    await turn
    expect(thunk.seen.map(({ provider }) => provider)).toEqual(['north', 'south', 'south', 'north'])
  })

  it('backs off from the beginning when a person says so [RETRY-12]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ recovery: { mode: 'execute' } }, { seed: 1 })
    const session = await orchestrator.open()
    const asking = httpError(504, { 'retry-after': '100' })
    const turn = session.runTurn(scripted(asking, asking, timedOut, timedOut, 'done'))
    await clock.advance(200_000)
    session.provideInput('retry')
    await clock.advance(60_000)
    await turn
    const waits = payloadsOf(runtime.log, facts.turnRetried).map(({ waitedMs }) => waitedMs)
    expect(waits.slice(0, 3)).toEqual([100_000, 100_000, 0])
    expect(waits[3]).toBeGreaterThanOrEqual(2_000)
    expect(waits[3]).toBeLessThanOrEqual(6_000)
  })

  it('waits for nobody once the call is aborted [RETRY-14]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(escalating)
    const session = await orchestrator.open()
    const stop = new AbortController()
    const turn = rejection(session.runTurn(scripted(timedOut, timedOut, timedOut), { signal: stop.signal }))
    await clock.advance(6_000)
    stop.abort('enough')
    expect(await turn).toBe('enough')
    expect(sessionFacts().at(-1)).toBe('turns/cancelled')
    expect(session.pendingRequests).toEqual([])
    expect(session.status).toBe('running')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('the recovery of a tool', () => {
  const execute = { recovery: { mode: 'execute', backoff: { jitter: 'none' } } } as const
  const broken = new Error('the tool failed')

  it('calls one that is marked as idempotent again [RETRY-13]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(httpError(503), 'found')
    const call = session.runTool('lookup', tool, { idempotent: true, args: { term: 'RAG' } })
    await clock.advance(2_000)
    expect(await call).toBe('found')
    expect(tool.mock.calls).toMatchObject([
      [{ attempt: 1, recovery: null, args: { term: 'RAG' } }],
      [
        {
          attempt: 2,
          recovery: { scenario: 'provider_failure', steps: ['retry_with_backoff'] },
          args: { term: 'RAG' },
        },
      ],
    ])
    expect(sessionFacts().slice(1)).toEqual([
      ...['tools/started', 'tools/attemptFailed', 'recovery/attempted', 'tools/retried', 'tools/completed'],
    ])
    expect(payloadsOf(runtime.log, facts.toolRetried)).toMatchObject([{ attempt: 2, waitedMs: 2_000 }])
    expect(session.summary().tools).toMatchObject({ started: 1, retried: 1, completed: 1, failed: 0 })
  })

  it('leaves any other alone [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(broken)
    expect(await rejection(session.runTool('charge', tool))).toBe(broken)
    expect(tool).toHaveBeenCalledTimes(1)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/failed'])
  })

  it('is not carried out where recoveries are only recorded [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(await rejection(session.runTool('lookup', scriptedTool(broken), { idempotent: true }))).toBe(broken)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/failed'])
  })

  it('gives each attempt the whole timeout [RETRY-13]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const hang = vi.fn(() => new Promise(() => undefined))
    const call = rejection(session.runTool('slow', hang, { idempotent: true, timeoutMs: 100 }))
    await clock.advance(199)
    expect(hang).toHaveBeenCalledTimes(2)
    await clock.advance(1)
    expect(await call).toMatchObject({ code: 'tool_timeout', timeoutMs: 100 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends with the error of the tool when its recipe is used up [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(broken, broken)
    expect(await rejection(session.runTool('lookup', tool, { idempotent: true }))).toBe(broken)
    expect(sessionFacts().slice(-3)).toEqual(['tools/attemptFailed', 'recovery/attempted', 'tools/failed'])
  })

  it('is cancelled with the call while it waits [RETRY-14]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const stop = new AbortController()
    const options = { idempotent: true, signal: stop.signal }
    const call = rejection(session.runTool('lookup', scriptedTool(timedOut), options))
    await clock.advance(1_000)
    stop.abort('enough')
    expect(await call).toBe('enough')
    expect(clock.pendingTimers).toBe(0)
    expect(sessionFacts().slice(2)).toEqual(['tools/attemptFailed', 'tools/cancelled'])
  })

  it.each([
    ['that aborts itself', new DOMException('the user left', 'AbortError')],
    ['whose error is one of this runtime', new InvalidArgumentError('term', 7, 'a word')],
  ])('leaves one %s alone [RETRY-13]', async (_what, error) => {
    const { orchestrator } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = vi.fn(() => Promise.reject(error))
    expect(await rejection(session.runTool('lookup', tool, { idempotent: true }))).toBe(error)
    expect(tool).toHaveBeenCalledTimes(1)
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
