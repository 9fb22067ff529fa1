import { describe, expect, it } from 'vitest'
import {
  AlreadyRegisteredError,
  facts,
  NotFoundError,
  replay,
  type AgentSession,
  type OrchestratorOptions,
  type ProvidersOptions,
} from '../src/index.js'
import { createTestRuntime, deferred, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

const THREE = ['north', 'south', 'west']
const STATIC: ProvidersOptions = { name: 'models', kind: 'static', providers: THREE }
const ROUND: ProvidersOptions = { name: 'models', kind: 'round_robin', providers: THREE }
const WEIGHTED: ProvidersOptions = {
  name: 'models',
  kind: 'weighted',
  providers: [
    { name: 'north', weight: 1 },
    { name: 'south', weight: 3 },
    { name: 'west', weight: 2 },
  ],
}

const down = httpError(503)
const switching = {
  recovery: { mode: 'execute', recipes: { provider_failure: { steps: ['switch_provider'] } } },
} as const

/** Which provider a turn was told to call. */
async function providerOf(session: AgentSession): Promise<string | null> {
  const { value } = await session.runTurn(({ provider }) => provider)
  return value
}

describe('providers', () => {
  it.each([
    [STATIC, ['north', 'north', 'north', 'north']],
    [ROUND, ['north', 'south', 'west', 'north']],
    [WEIGHTED, ['south', 'south', 'south', 'south']],
  ])('tell each turn which one to call [ROUTE-2, ROUTE-4]', async (providers, expected) => {
    const { orchestrator, runtime } = createTestRuntime({ providers })
    const session = await orchestrator.open()
    const told: (string | null)[] = []
    for (let turn = 0; turn < 4; turn += 1) told.push(await providerOf(session))
    expect(told).toEqual(expected)
    const routes = payloadsOf(runtime.log, facts.turnStarted).map(({ route }) => [route?.router, route?.provider])
    expect(routes).toEqual(expected.map((provider) => ['models', provider]))
  })

  it('are nobody where none are configured [ROUTE-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    expect(await providerOf(await orchestrator.open())).toBeNull()
    expect(payloadsOf(runtime.log, facts.turnStarted)).toMatchObject([{ route: null }])
  })

  it('decide the model, and with it the price [TURN-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ providers: ROUND })
    runtime.registerPricing('cheap-model', { inputPerMillion: 1, outputPerMillion: 1 })
    const session = await orchestrator.open()
    const options = {
      model: (provider: string | null) => (provider === 'north' ? 'your-model' : 'cheap-model'),
      usage: { inputTokens: 1_000_000 },
    }
    const told = []
    for (let turn = 0; turn < 2; turn += 1) {
      told.push((await session.runTurn(({ provider, model }) => [provider, model], options)).value)
    }
    expect(told).toEqual([
      ['north', 'your-model'],
      ['south', 'cheap-model'],
    ])
    expect(runtime.select.sessionCostUsd(session.id)).toBe(3 + 1)
  })

  it('are shared by all who name them, with whose turn it is [ROUTE-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ providers: ROUND })
    const other = runtime.orchestrator({ role: 'editor', phase: 'review', providers: 'models' })
    const [first, second, third] = [await orchestrator.open(), await other.open(), await orchestrator.open()]
    expect([await providerOf(first), await providerOf(second), await providerOf(third)]).toEqual(THREE)
  })

  it('lose no turn to one that is refused [ROUTE-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ providers: ROUND })
    const frugal = runtime.orchestrator({ role: 'frugal', phase: 'draft', providers: 'models', maxIterations: 0 })
    const session = await orchestrator.open()
    await providerOf(session)
    await rejection((await frugal.open()).runTurn(() => 'refused'))
    expect(await providerOf(session)).toBe('south')
  })

  it('are chosen when the call begins, and so is the price that is checked [ROUTE-4]', async () => {
    const gate = deferred<undefined>()
    const { orchestrator, runtime } = createTestRuntime({
      providers: ROUND,
      unpricedModels: 'refuse',
      hooks: [{ name: 'slow', beforeModel: (input) => (input === 'slow' ? gate.promise : undefined) }],
    })
    const session = await orchestrator.open()
    const model = (provider: string | null) => (provider === 'north' ? 'your-model' : 'mystery')
    const slow = rejection(session.runTurn(() => 'unpriced', { model, input: 'slow' }))
    await session.runTurn(() => 'priced', { model })
    gate.resolve(undefined)
    expect(await slow).toMatchObject({ code: 'unpriced_model', model: 'mystery' })
    expect(payloadsOf(runtime.log, facts.turnStarted)).toHaveLength(1)
  })

  it('have one configuration under their name [ROUTE-1]', () => {
    const { runtime } = createTestRuntime({ providers: STATIC })
    expect(() => runtime.configureProviders(ROUND)).toThrow(AlreadyRegisteredError)
    expect(() => runtime.configureProviders(STATIC)).not.toThrow()
    expect(() => runtime.orchestrator({ role: 'a', phase: 'b', providers: 'unknown' })).toThrow(NotFoundError)
    expect(payloadsOf(runtime.log, facts.providersConfigured)).toHaveLength(1)
  })

  it('are in the log, so that replaying it gives whose turn it is [ROUTE-4]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ providers: ROUND, ...switching })
    const session = await orchestrator.open()
    await session.runTurn(scripted(down, 'done'))
    await providerOf(session)
    expect(runtime.getState().providers['models']?.cursor).toBe(3)
    expect(replay(runtime.log.facts())).toStrictEqual(runtime.getState())
  })

  it.each<[string, unknown]>([
    ['providers.name', { kind: 'static', providers: THREE }],
    ['providers.kind', { name: 'models', kind: 'random', providers: THREE }],
    ['providers.kind', { name: 'models', providers: THREE }],
    ['providers.providers', { name: 'models', kind: 'static' }],
    ['providers.providers', { name: 'models', kind: 'static', providers: [] }],
    ['providers.providers', { name: 'models', kind: 'weighted', providers: [{ name: 'north', weight: 0 }] }],
    ['providers.providers[1]', { name: 'models', kind: 'static', providers: ['north', ' north '] }],
    ['providers.providers[0].weight', { name: 'models', kind: 'weighted', providers: [{ name: 'north' }] }],
    ['providers.weights', { ...STATIC, weights: [1, 2, 3] }],
    ['providers', 7],
  ])('name %s when that is not usable [ROUTE-1]', (field, providers) => {
    expect(() => createTestRuntime({ providers: providers as ProvidersOptions })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it('name the option alone where they are configured by themselves [ROUTE-1]', () => {
    const { runtime } = createTestRuntime()
    const configure = (options: unknown) => () => runtime.configureProviders(options as ProvidersOptions)
    expect(configure({ ...STATIC, kind: 'random' })).toThrow(expect.objectContaining({ field: 'kind' }))
    expect(configure({ ...STATIC, providers: [] })).toThrow(expect.objectContaining({ field: 'providers' }))
    expect(configure(null)).toThrow(expect.objectContaining({ field: 'options' }))
  })
})

describe('a recovery that switches the provider', () => {
  const setUp = async (providers: ProvidersOptions, more: Partial<OrchestratorOptions> = {}) => {
    const test = createTestRuntime({ providers, ...switching, ...more })
    return { ...test, session: await test.orchestrator.open() }
  }

  it.each([
    [STATIC, ['north', 'south', 'west']],
    [ROUND, ['north', 'south', 'west']],
    [WEIGHTED, ['south', 'west', 'north']],
  ])('goes to one that has not failed this turn yet [RETRY-7]', async (providers, expected) => {
    const { session, runtime } = await setUp(providers)
    const thunk = scripted(down, down, 'done')
    await session.runTurn(thunk)
    expect(thunk.seen.map(({ provider }) => provider)).toEqual(expected)
    expect(payloadsOf(runtime.log, facts.turnRetried).map(({ route }) => route?.provider)).toEqual(expected.slice(1))
  })

  it('fails when there is none left, with the error of the turn [RETRY-7]', async () => {
    const { session, runtime, sessionFacts } = await setUp({ ...STATIC, providers: ['north', 'south'] })
    const thunk = scripted(down, down)
    expect(await rejection(session.runTurn(thunk))).toBe(down)
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'recovered' },
      { outcome: 'partial_recovery', recoveredSteps: [], remainingSteps: ['switch_provider'] },
    ])
    expect(sessionFacts().at(-1)).toBe('turns/failed')
  })

  it('pays the price of the new one [RETRY-7]', async () => {
    const { session, runtime } = await setUp(STATIC)
    runtime.registerPricing('cheap-model', { inputPerMillion: 1, outputPerMillion: 1 })
    const model = (provider: string | null) => (provider === 'north' ? 'your-model' : 'cheap-model')
    await session.runTurn(
      ({ provider, reportUsage }) => {
        reportUsage({ inputTokens: 1_000_000 })
        if (provider === 'north') throw down
      },
      { model },
    )
    expect(session.summary().usage.models).toMatchObject([
      { model: 'your-model', costUsd: 3 },
      { model: 'cheap-model', costUsd: 1 },
    ])
    expect(payloadsOf(runtime.log, facts.turnRetried)).toMatchObject([{ model: 'cheap-model' }])
  })

  it('begins anew with the next turn [RETRY-7]', async () => {
    const { session } = await setUp(STATIC)
    await session.runTurn(scripted(down, 'done'))
    expect(await providerOf(session)).toBe('north')
  })

  it('takes the one whose turn it is when the call is made, not when it failed [ROUTE-4]', async () => {
    const { session, clock } = await setUp(ROUND, { recovery: { mode: 'execute', backoff: { jitter: 'none' } } })
    const thunk = scripted(down, 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(1_000)
    expect(await providerOf(session)).toBe('south')
    await clock.advance(1_000)
    await turn
    expect(thunk.seen.map(({ provider }) => provider)).toEqual(['north', 'west'])
    expect(await providerOf(session)).toBe('north')
  })

  it('that stays with its provider takes no turn from the others [ROUTE-4]', async () => {
    const { session, clock } = await setUp(ROUND)
    const thunk = scripted(httpError(504), 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(1_000)
    expect(await providerOf(session)).toBe('south')
    await clock.advance(60_000)
    await turn
    expect(thunk.seen.map(({ provider }) => provider)).toEqual(['north', 'north'])
    expect(await providerOf(session)).toBe('west')
  })

  it('is told as an event that names the new one [RETRY-7]', async () => {
    const switched: unknown[] = []
    const event = ({ event, data }: { event: string; data?: object }) => {
      if (event === 'agent.recovery.provider_switched') switched.push(data)
    }
    const { orchestrator } = createTestRuntime(
      { providers: STATIC, ...switching },
      { sinks: [{ name: 'switched', event }] },
    )
    const session = await orchestrator.open()
    await session.runTurn(scripted(down, 'done'))
    expect(switched).toEqual([{ attempt: 2, provider: 'south' }])
  })
})
