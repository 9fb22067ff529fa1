import { describe, expect, it } from 'vitest'
import { facts } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

const timedOut = httpError(504)

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
