import { describe, expect, it, vi } from 'vitest'
import { AlreadyRegisteredError, CircuitOpenError, NotFoundError } from '../src/index.js'
import { createTestRuntime, deferred, rejection } from './support/runtime.js'

const API = { name: 'api', failureThreshold: 3, recoveryTimeoutMs: 30_000 }

const failing = () => Promise.reject(new Error('boom'))

describe('a breaker around turns', () => {
  it('opens after three failures in a row and refuses without calling [CB-3, CB-9]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime({ circuitBreaker: API })
    const session = await orchestrator.open()
    for (let turn = 0; turn < 3; turn += 1) await rejection(session.runTurn(failing))
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'open', failures: 3 })
    const model = vi.fn()
    const error = await rejection(session.runTurn(model))
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toMatchObject({ breaker: 'api', retryAt: clock.now() + 30_000 })
    expect(model).not.toHaveBeenCalled()
    expect(sessionFacts().at(-1)).toBe('turns/refused')
  })

  it('closes when a probe succeeds after the recovery time [CB-4]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ circuitBreaker: API })
    const session = await orchestrator.open()
    for (let turn = 0; turn < 3; turn += 1) await rejection(session.runTurn(failing))
    await clock.advance(30_000)
    expect(runtime.select.breaker('api').state).toBe('half_open')
    await session.runTurn(() => 'back')
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('is shared by name across sessions and orchestrators [CB-12, RUN-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ circuitBreaker: API })
    const session = await orchestrator.open()
    for (let turn = 0; turn < 3; turn += 1) await rejection(session.runTurn(failing))
    const editor = await runtime.orchestrator({ role: 'editor', phase: 'edit', circuitBreaker: 'api' }).open()
    expect(await rejection(editor.runTurn(() => 1))).toBeInstanceOf(CircuitOpenError)
  })

  it('counts a timeout as a failure, unless it ignores those [TURN-20]', async () => {
    for (const [ignoredFailures, state] of [
      [[], 'open'],
      [['llm_timeout'], 'closed'],
    ] as const) {
      const { orchestrator, runtime, clock } = createTestRuntime({
        circuitBreaker: { ...API, failureThreshold: 1, ignoredFailures },
      })
      const session = await orchestrator.open()
      const turn = rejection(session.runTurn(() => new Promise(() => undefined), { timeoutMs: 10 }))
      await clock.advance(10)
      await turn
      expect(runtime.select.breaker('api').state).toBe(state)
    }
  })

  it('is left as it is by failures that it ignores [TURN-20, CB-6]', async () => {
    const breaker = { ...API, failureThreshold: 1, ignoredFailures: ['validation_error'] } as const
    const { orchestrator, runtime } = createTestRuntime({ circuitBreaker: breaker })
    const session = await orchestrator.open()
    await rejection(session.runTurn(() => Promise.reject(new TypeError('a mistake of the caller'))))
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'closed', failures: 0 })
    await rejection(session.runTurn(failing))
    expect(runtime.select.breaker('api').state).toBe('open')
  })

  it('frees the slot of a probe that is cancelled or times out [CB-6]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ circuitBreaker: { ...API, failureThreshold: 1 } })
    const session = await orchestrator.open()
    await rejection(session.runTurn(failing))
    await clock.advance(30_000)
    const controller = new AbortController()
    const probe = rejection(session.runTurn(() => new Promise(() => undefined), { signal: controller.signal }))
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'half_open', probesInFlight: 1 })
    controller.abort()
    await probe
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'half_open', probesInFlight: 0 })
  })

  it('takes the slot of a probe that hangs for ever [CB-8]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({
      circuitBreaker: { ...API, failureThreshold: 1, probeTimeoutMs: 60_000 },
    })
    const session = await orchestrator.open()
    await rejection(session.runTurn(failing))
    await clock.advance(30_000)
    void session.runTurn(() => new Promise(() => undefined)).catch(() => undefined)
    expect(await rejection(session.runTurn(() => 1))).toMatchObject({ code: 'circuit_open', retryAt: null })
    await clock.advance(60_000)
    await session.runTurn(() => 'back')
    expect(runtime.select.breaker('api').state).toBe('closed')
  })

  it('is not moved by the late outcome of a call from before it opened [CB-7]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime({ circuitBreaker: { ...API, failureThreshold: 1 } })
    const session = await orchestrator.open()
    const slow = deferred()
    const late = rejection(session.runTurn(() => slow.promise))
    await rejection(session.runTurn(failing))
    await clock.advance(29_000)
    slow.reject(new Error('late'))
    await late
    await clock.advance(1_000)
    expect(runtime.select.breaker('api')).toMatchObject({ state: 'half_open', failures: 1 })
  })
})

describe('a breaker handle', () => {
  it('records what others saw, and resets [CB-10, CB-11]', () => {
    const { runtime } = createTestRuntime()
    const breaker = runtime.configureBreaker({ name: 'search', failureThreshold: 2 })
    breaker.recordFailure()
    breaker.recordSuccess()
    breaker.recordFailure()
    expect(breaker.view()).toMatchObject({ state: 'closed', failures: 1 })
    breaker.recordFailure()
    expect(breaker.view().state).toBe('open')
    breaker.reset()
    expect(breaker.view()).toMatchObject({ state: 'closed', failures: 0, lastFailureAt: null })
  })

  it('of an unknown breaker is not to be had [CB-13]', () => {
    const { runtime } = createTestRuntime()
    expect(() => runtime.breaker('nope')).toThrow(NotFoundError)
    expect(() => runtime.breaker('constructor')).toThrow('no breaker is known as "constructor"')
    expect(() => runtime.orchestrator({ role: 'r', phase: 'p', circuitBreaker: 'nope' })).toThrow(NotFoundError)
  })

  it('of a breaker with other settings is refused [RUN-5]', () => {
    const { runtime, factTypes } = createTestRuntime({ circuitBreaker: API })
    runtime.configureBreaker(API)
    expect(() => runtime.configureBreaker({ ...API, failureThreshold: 4 })).toThrow(AlreadyRegisteredError)
    expect(factTypes().filter((type) => type === 'breakers/configured')).toHaveLength(1)
  })

  it.each([
    ['name', { name: ' ' }],
    ['failureThreshold', { name: 'x', failureThreshold: 0 }],
    ['recoveryTimeoutMs', { name: 'x', recoveryTimeoutMs: -1 }],
    ['halfOpenMaxProbes', { name: 'x', halfOpenMaxProbes: 1.5 }],
    ['probeTimeoutMs', { name: 'x', probeTimeoutMs: Infinity }],
    ['ignoredFailures[0]', { name: 'x', ignoredFailures: ['timeout'] }],
    ['treshold', { name: 'x', treshold: 1 }],
  ])('names the field of a bad setting: %s [CB-1]', (field, options) => {
    const { runtime } = createTestRuntime()
    expect(() => runtime.configureBreaker(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
