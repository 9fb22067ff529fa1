import { describe, expect, it } from 'vitest'
import { costUsd, parseUsage, replay, runtimeReducer, selectorsOf, facts, type Fact } from '../../src/index.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

describe('an orchestrator', () => {
  it('has every default filled in [RUN-2]', () => {
    expect(createTestRuntime({ model: ' your-model ' }).orchestrator.config).toEqual({
      role: 'writer',
      phase: 'draft',
      projectId: null,
      model: 'your-model',
      budgetUsd: null,
      enforceBudget: false,
      unpricedModels: 'allow',
      maxIterations: 25,
      usageLimits: null,
      governance: [],
      turnTimeoutMs: null,
      toolTimeoutMs: null,
      rateLimit: null,
      maxRateLimitWaitMs: 300_000,
      providers: null,
      breaker: null,
      permissions: null,
      policy: [],
      qualityGate: null,
      guardrails: [],
      hooks: [],
      recovery: {
        mode: 'record',
        recipes: {},
        backoff: {},
        maxRetryAfterMs: 120_000,
        escalation: 'pause',
        escalationTimeoutMs: 1_800_000,
      },
      handoffTargets: null,
    })
  })

  it('may have a recipe of its own in part, which is filled in as well [REC-1]', () => {
    const recipes = { llm_error: { maxAttempts: 5, stepRetries: { switch_provider: 0 } } } as const
    const { recovery } = createTestRuntime({ recovery: { mode: 'execute', recipes } }).orchestrator.config
    expect(recovery.recipes).toEqual({
      llm_error: {
        scenario: 'llm_error',
        steps: ['retry_with_backoff', 'switch_provider'],
        maxAttempts: 5,
        escalationPolicy: 'alert_human',
        stepRetries: { switch_provider: 0 },
      },
    })
  })
})

describe('what is shared by name', () => {
  it('keeps its state when a log brings other settings [RUN-6]', () => {
    const { runtime } = createTestRuntime({
      circuitBreaker: { name: 'api', failureThreshold: 2 },
      rateLimit: { name: 'api', requests: { capacity: 2, refillPerSecond: 1 } },
    })
    runtime.breaker('api').recordFailure()
    const log = runtime.log.facts()
    const more = (index: number, draft: { type: string; payload: unknown }): Fact => ({
      ...draft,
      meta: { seq: log.length + 1 + index, at: 2_000, stream: '@runtime', v: 1 },
    })
    const { settings } = log.find(facts.breakerConfigured.match)!.payload
    const again = [
      facts.breakerConfigured({ name: 'api', settings: { ...settings, failureThreshold: 9 } }),
      facts.rateLimitsCharged({ sessionId: 'session-1', name: 'api', tokens: { rpm: 2 } }),
      facts.rateLimitsConfigured({ name: 'api', buckets: { rpm: { capacity: 7, refillPerSecond: 3 } } }),
    ].map((draft, index) => more(index, draft))
    const select = selectorsOf(replay([...log, ...again]), 2_000)
    expect(select.breaker('api')).toMatchObject({ failures: 1, failureThreshold: 9 })
    expect(select.rateLimit('api')).toEqual({ rpm: 0 })
  })
})

describe('a subscriber', () => {
  it('hears of every fact, and one that throws disturbs nobody [RUN-7]', async () => {
    const warned: object[] = []
    const { orchestrator, runtime } = createTestRuntime({}, { onWarning: (warning) => void warned.push(warning) })
    const error = new RangeError('boom')
    let heard = 0
    const stop = runtime.subscribe(() => {
      throw error
    })
    runtime.subscribe(() => (heard += 1))
    const before = runtime.log.facts().length
    await expect(orchestrator.session((session) => session.runTurn(() => 'fine'))).resolves.toMatchObject({
      value: 'fine',
    })
    expect(heard).toBe(runtime.log.facts().length - before)
    expect(warned).toEqual(
      Array.from({ length: heard }, () => ({
        code: 'listener_failed',
        message: 'a subscriber threw RangeError',
        error,
      })),
    )
    stop()
    await orchestrator.open()
    expect(warned).toHaveLength(heard - 1)
  })
})

describe('a cost', () => {
  it('is the sum of tokens times rates [PRICE-6]', () => {
    const { runtime } = createTestRuntime()
    runtime.registerPricing('all', {
      ...{ inputPerMillion: 1, outputPerMillion: 2, cacheReadPerMillion: 0.25, cacheWritePerMillion: 4 },
      cacheWrite1hPerMillion: 8,
    })
    const tokens = { inputTokens: 1e6, outputTokens: 1e6, cacheReadTokens: 1e6, cacheWriteTokens: 1e6 }
    expect(costUsd(parseUsage(tokens), runtime.select.rates('all'))).toBe(7.25)
    expect(costUsd(parseUsage({ ...tokens, cacheTtl: '1h' }), runtime.select.rates('all'))).toBe(11.25)
  })
})

describe('what can be read', () => {
  it('is read of a replayed state as of the runtime [SEL-1]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({
      projectId: 2,
      circuitBreaker: { name: 'api' },
      rateLimit: { name: 'api', requests: { capacity: 5, refillPerSecond: 1 } },
    })
    await orchestrator.session((session) => session.runTurn(() => 1, DRAFT), { threadId: 'essay' })
    await orchestrator.session((session) => session.handoffTo('editor', { reason: 'review' }))
    const asking = await orchestrator.open()
    void asking.pauseForInput('sure?')
    await clock.advance(500)
    const read = (select: typeof runtime.select) => [
      select.session('session-1'),
      select.activeSessions(),
      select.pendingHandoffs(),
      select.summary('session-1'),
      select.sessionCostUsd('session-1'),
      select.totals(),
      select.totals(2),
      select.thread('essay'),
      select.project(2),
      select.pendingRequests(),
      select.rateLimit('api'),
      select.breaker('api'),
      select.rates('your-model'),
      select.isPriced('your-model'),
    ]
    const replayed = selectorsOf(replay(runtime.log.facts()), clock.now())
    expect(read(replayed)).toEqual(read(runtime.select))
    expect(runtime.select.pendingRequests()).toMatchObject([{ sessionId: 'session-4', prompt: 'sure?' }])
    expect(runtime.select.rateLimit('api')).toEqual({ rpm: 4.5 })
  })

  it('tells the counts of a session and its parts [SEL-2, SEL-3]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open({ threadId: 'essay' })
    await session.runTurn(() => 1, DRAFT)
    const summary = session.summary()
    expect(Object.keys(summary.turns)).toEqual([
      ...['iterations', 'started', 'retried', 'completed', 'failed', 'cancelled'],
      ...['refused', 'blocked', 'replayed', 'unmetered', 'failuresInARow'],
    ])
    expect(summary.tools).toMatchObject({
      ...{ attempted: 0, started: 0, retried: 0, completed: 0, failed: 0, cancelled: 0, blocked: 0 },
    })
    expect(summary).toMatchObject({
      ...{ sessionId: 'session-1', role: 'writer', phase: 'draft', projectId: null, threadId: 'essay' },
      ...{ status: 'running', detail: null, lastError: null, openedAt: 1_000, endedAt: null },
      ...{ budget: null, breaker: null, requests: [], recovery: { attempts: {}, exhausted: [] } },
    })
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
  })

  it('does not grow with the turns of a session [SEL-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ maxIterations: 'unlimited', projectId: 1 })
    const session = await orchestrator.open({ threadId: 'long' })
    const sizeAfter = async (turns: number) => {
      for (let turn = 0; turn < turns; turn += 1) {
        await session.runTurn(() => 1, DRAFT)
        await session.runTool('search', () => 1, { args: {} })
      }
      return JSON.stringify(runtime.getState()).replace(/\d+/g, '0').length
    }
    const early = await sizeAfter(50)
    expect(await sizeAfter(500)).toBe(early)
  })

  it('stays as it was read [SEL-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT)
    const [state, summary] = [runtime.getState(), session.summary()]
    const texts = [JSON.stringify(state), JSON.stringify(summary)]
    await session.runTurn(() => 1, DRAFT)
    await session.complete()
    expect([JSON.stringify(state), JSON.stringify(summary)]).toEqual(texts)
    expect(runtimeReducer(state, { type: 'other' })).toBe(state)
  })
})
