import { describe, expect, it } from 'vitest'
import { BudgetExceededError, CircuitOpenError, facts } from '../../src/index.js'
import { elapsed, givenFacts, type Given } from '../../src/testing/index.js'
import { createTestRuntime, DRAFT, rejection } from '../support/runtime.js'

const broken = [
  facts.breakerConfigured({
    name: 'api',
    settings: {
      failureThreshold: 1,
      recoveryTimeoutMs: 30_000,
      halfOpenMaxProbes: 1,
      probeTimeoutMs: 1_000,
      ignoredFailures: [],
    },
  }),
  facts.breakerOutcomeRecorded({ name: 'api', outcome: 'failure' }),
]

const givenBrokenApi = (...more: readonly Given[]) =>
  givenFacts(...broken, ...more).setup(({ runtime }) => ({
    writer: runtime.orchestrator({ role: 'writer', phase: 'draft', circuitBreaker: 'api' }),
  }))

describe('given facts', () => {
  it('are the history of the runtime in which a call is tested [KIT-21]', () =>
    givenBrokenApi()
      .when(({ writer }) => writer.session((session) => session.runTurn(() => 'an answer')))
      .thenThrows(CircuitOpenError)
      .thenFacts(
        facts.sessionOpened,
        { type: 'turns/refused', payload: { reason: 'circuit_open' } },
        { type: 'sessions/failed', payload: { sessionId: expect.stringMatching(/^session-/) as string } },
      )
      .thenState((select) => select.breaker('api').state, 'open'))

  it('are stamped, one millisecond apart, in the streams of their sessions [KIT-21]', () =>
    givenFacts(
      ...broken,
      elapsed(5_000),
      facts.orchestratorRegistered({
        orchestratorId: 'orchestrator-1',
        config: createTestRuntime().orchestrator.config,
      }),
      facts.sessionOpened({
        ...{ sessionId: 'session-1', orchestratorId: 'orchestrator-1', role: 'writer', phase: 'draft' },
        ...{ projectId: null, threadId: 'essay', run: null, results: 'none' },
      }),
      facts.sessionCompleted({ sessionId: 'session-1' }),
    )
      .when(({ runtime, clock }) =>
        runtime.log.facts().map(({ meta }) => [meta.seq, meta.at - clock.now(), meta.stream, meta.v]),
      )
      .thenReturns([
        [1, -5_004, '@runtime', 1],
        [2, -5_003, '@runtime', 1],
        [3, -2, '@runtime', 1],
        [4, -1, 'essay', 1],
        [5, 0, 'essay', 1],
      ])
      .thenNothing())

  it('may let time pass [KIT-21]', () =>
    givenBrokenApi(elapsed(30_000))
      .when(({ writer }) => writer.session((session) => session.runTurn(() => 'an answer')))
      .thenReturns({ value: 'an answer' })
      .thenState((select, state) => [select.breaker('api').state, state.seq], ['closed', 7]))

  it('may be recorded ones [KIT-21]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ projectId: 7 })
    await orchestrator.session((session) => session.runTurn(() => 'an answer', DRAFT))
    await givenFacts(...runtime.log.facts())
      .when(({ runtime: again }) => again.select.totals(7).costUsd)
      .thenReturns(0.033)
  })

  it('may be none, and the runtime has the options that are given', () =>
    givenFacts()
      .with({ record: { results: 'json' } })
      .setup(({ runtime }) => ({ writer: runtime.orchestrator({ role: 'writer', phase: 'draft' }) }))
      .setup(({ writer }) => ({ role: writer.config.role }))
      .when(({ writer, role }) => writer.session((session) => session.step(role, () => 17), { threadId: 'essay' }))
      .thenFactsInclude(facts.sessionOpened, { type: 'calls/answered', payload: { name: 'writer' } }))

  it.each([
    [
      { type: 'turns/refuse', payload: {} },
      'facts[0] must be a fact, such as facts.breakerReset({ name }), got an object',
    ],
    [null, 'facts[0] must be a fact'],
    [{ type: 'breakers/reset' }, 'facts[0] must be a fact'],
  ])('are refused when they are none: %j', (fact, message) => {
    expect(() => givenFacts(fact as never)).toThrow(message)
  })
})

describe('what is expected then', () => {
  const refused = () =>
    givenBrokenApi().when(({ writer }) => writer.session((session) => session.runTurn(() => 'an answer')))
  const failureOf = async (expectations: PromiseLike<unknown>) => {
    const error = (await rejection(Promise.resolve(expectations))) as Error
    expect(error.name).toBe('AssertionError')
    return error.message
  }

  it('must be all facts, and what is missing, too many or different is listed [KIT-22]', async () => {
    const message = await failureOf(
      refused()
        .thenThrows('circuit_open')
        .thenFacts(
          { type: 'turns/refused', payload: { reason: 'budget_exceeded' } },
          'sessions/failed',
          'sessions/returned',
        ),
    )
    expect(message.split('\n').map((line) => line.slice(0, 80))).toEqual([
      'expected 3 new facts, and these are not they:',
      expect.stringMatching(/^\+ sessions\/opened {2}\{"sessionId":"session-1"/),
      '~ turns/refused  payload.reason: expected "budget_exceeded", got "circuit_open"',
      '  sessions/failed',
      '- sessions/returned',
    ])
  })

  it('may be some facts in their order [KIT-22]', async () => {
    await refused().thenThrows('circuit_open').thenFactsInclude('sessions/opened', 'sessions/failed')
    const swapped = refused().thenThrows('circuit_open').thenFactsInclude('sessions/failed', 'turns/refused')
    expect(await failureOf(swapped)).toMatch(/^expected turns\/refused after fact \d+, got:/)
  })

  it('may be that nothing was recorded [KIT-22]', async () => {
    expect(await failureOf(refused().thenThrows('circuit_open').thenNothing())).toMatch(
      /^expected no new facts, got 3:/,
    )
  })

  it('may be an error, by its class or code, and what it has [KIT-23]', async () => {
    await refused().thenThrows(CircuitOpenError, { breaker: 'api' })
    expect(await failureOf(refused().thenThrows(BudgetExceededError))).toMatch(
      /^expected BudgetExceededError, got CircuitOpenError: /,
    )
    expect(await failureOf(refused().thenThrows('budget_exceeded'))).toContain(
      'expected an error with code budget_exceeded',
    )
    expect(await failureOf(refused().thenThrows('circuit_open', { breaker: 'db' }))).toBe(
      'CircuitOpenError: breaker: expected "db", got "api"',
    )
    expect(
      await failureOf(
        givenFacts()
          .when(() => 17)
          .thenThrows('circuit_open'),
      ),
    ).toBe('expected an error with code circuit_open, and the call returned 17')
  })

  it('is that it does not throw, unless that is said [KIT-23]', async () => {
    await expect(refused().thenFactsInclude('turns/refused')).rejects.toThrow(CircuitOpenError)
    await expect(refused()).rejects.toThrow(CircuitOpenError)
  })

  it('may be what it returns, and the state [KIT-23]', async () => {
    const call = () => givenFacts(...broken).when(() => ({ a: [1, { b: 2, c: 3 }], d: 4 }))
    await call().thenReturns({ a: [1, { b: expect.any(Number) as number }] })
    expect(await failureOf(call().thenReturns({ a: [1, { b: 3 }] }))).toBe(
      'what was returned: a[1].b: expected 3, got 2',
    )
    expect(await failureOf(call().thenReturns({ a: [1] }))).toContain('a: expected [1], got [1,{"b":2,"c":3}]')
    expect(await failureOf(call().thenReturns({ e: 1 }))).toContain('e: expected 1, got nothing')
    expect(await failureOf(call().thenReturns({ d: expect.any(String) as string }))).toContain(
      'expected Any<String>, got 4',
    )
    expect(await failureOf(call().thenState((select) => select.breaker('api').state, 'closed'))).toBe(
      'the state: expected "closed", got "open"',
    )
    await expect(
      call().thenState(() => {
        throw new Error('an assertion of their own')
      }),
    ).rejects.toThrow('an assertion of their own')
  })

  it('must be said at once, and rightly', async () => {
    const call = givenFacts().when(() => 17)
    await call
    expect(() => call.thenNothing()).toThrow('what is expected must be said before it is awaited')
    expect(() => givenFacts().when(17 as never)).toThrow('call must be a function, got 17')
    expect(() => givenFacts().setup(17 as never)).toThrow('prepare must be a function, got 17')
    expect(() =>
      givenFacts()
        .when(() => 17)
        .thenThrows(17 as never),
    ).toThrow('expected must be the class of an error')
    expect(() => elapsed(-1)).toThrow('ms must be a number from 0, got -1')
  })
})
