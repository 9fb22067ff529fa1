import { describe, expect, it } from 'vitest'
import { facts, InvalidArgumentError, TurnTimeoutError } from '../src/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

describe('a turn', () => {
  it('returns what the function returned, and what it used [TURN-1, TURN-10]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const result = await session.runTurn(async () => ({ text: 'draft' }), DRAFT)
    expect(result).toEqual({
      value: { text: 'draft' },
      turnId: 'turn-1',
      replayed: false,
      usage: {
        inputTokens: 5_000,
        outputTokens: 1_200,
        cacheWriteTokens: 0,
        cacheReadTokens: 0,
        cacheTtl: null,
        toolCalls: 0,
      },
    })
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/completed'])
  })

  it('is two facts, which hold neither prompt nor answer [FACT-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 'the secret answer', { ...DRAFT, input: 'the secret prompt' })
    await rejection(session.runTurn(() => Promise.reject(new Error('the secret message')), DRAFT))
    expect(JSON.stringify(runtime.log.facts())).not.toContain('secret')
  })

  it('reads usage from the answer [USE-2, USE-4]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const { usage } = await session.runTurn(() => ({ tokens: 7 }), {
      model: 'your-model',
      usage: ({ tokens }) => ({ inputTokens: { total: 10, cacheRead: 4 }, outputTokens: { total: tokens } }),
    })
    expect(usage).toMatchObject({ inputTokens: 6, cacheReadTokens: 4, outputTokens: 7 })
  })

  it('keeps the turn and its answer when usage cannot be read [TURN-14]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const error = new TypeError('no usage in this answer')
    const turn = session.runTurn(
      (call) => {
        call.reportUsage({ inputTokens: 3 })
        return 'answer'
      },
      {
        model: 'your-model',
        usage: () => {
          throw error
        },
      },
    )
    expect(await rejection(turn)).toMatchObject({ code: 'usage_unreadable', cause: error, result: { value: 'answer' } })
    expect(runtime.select.summary(session.id)).toMatchObject({ turns: { completed: 1 }, usage: { inputTokens: 3 } })
  })

  it('rethrows what the function threw, the very same, and records its class [ERR-4, TURN-19]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const error = Object.freeze(Object.assign(new Error('x'), { status: 503, code: 'overloaded' }))
    const thrown = await rejection(
      session.runTurn(() => {
        throw error
      }, DRAFT),
    )
    expect(thrown).toBe(error)
    expect(runtime.log.facts().find(facts.turnFailed.match)?.payload).toMatchObject({
      error: { name: 'Error', code: 'overloaded' },
      scenario: 'provider_failure',
      failureClass: 'dependency_failed',
    })
  })

  it('counts what a failed call reported before it failed [USE-5, USE-7]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const turn = session.runTurn(
      (call) => {
        call.reportUsage({ inputTokens: 10 })
        call.reportUsage({ inputTokens: 1_000_000 })
        return Promise.reject(new Error('cut off'))
      },
      { model: 'your-model' },
    )
    await rejection(turn)
    expect(runtime.select.summary(session.id).usage).toMatchObject({ turns: 1, inputTokens: 1_000_000, costUsd: 3 })
  })

  it('takes its reader of usage from the orchestrator when it says nothing itself [USE-4]', async () => {
    const { orchestrator } = createTestRuntime({
      readUsage: (answer: { tokens: number }) => ({ outputTokens: answer.tokens }),
    })
    const session = await orchestrator.open()
    expect((await session.runTurn(() => ({ tokens: 8 }))).usage.outputTokens).toBe(8)
    expect((await session.runTurn(() => ({ tokens: 8 }), { usage: {} })).usage.outputTokens).toBe(0)
  })

  it('of which nobody says what it used is reported as unmetered [USE-4]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    await session.runTurn(() => 1, { model: 'your-model' })
    await rejection(session.runTurn(() => Promise.reject(new Error('boom')), DRAFT))
    await session.runTurn(() => 1, { model: 'your-model', usage: {} })
    expect(session.summary().turns).toMatchObject({ completed: 2, failed: 1, unmetered: 2 })
  })

  it('that its function aborts itself is cancelled, not failed [TURN-18]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime({ circuitBreaker: { name: 'api', failureThreshold: 1 } })
    const session = await orchestrator.open()
    const abort = new DOMException('the user closed the tab', 'AbortError')
    expect(await rejection(session.runTurn(() => Promise.reject(abort)))).toBe(abort)
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/cancelled'])
    expect(session.summary().breaker).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('takes its model from the orchestrator when it names none [TURN-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ model: 'your-model' })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, { usage: { inputTokens: 1_000_000 } })
    expect(runtime.select.sessionCostUsd(session.id)).toBe(3)
  })

  it('runs beside others of its session, each with its own number [FACT-7, TURN-22]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const [first, second] = [deferred<string>(), deferred<string>()]
    const turns = [session.runTurn(() => first.promise), session.runTurn(() => second.promise)]
    expect(runtime.select.summary(session.id).inFlight.turns).toEqual(['turn-1', 'turn-2'])
    second.resolve('b')
    first.resolve('a')
    expect((await Promise.all(turns)).map(({ value, turnId }) => [turnId, value])).toEqual([
      ['turn-1', 'a'],
      ['turn-2', 'b'],
    ])
  })
})

describe('a timeout', () => {
  it('aborts the signal, rejects, and leaves no timer [TURN-12]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    let signal: AbortSignal | undefined
    const turn = session.runTurn(
      (call) => {
        signal = call.signal
        return new Promise(() => undefined)
      },
      { timeoutMs: 250 },
    )
    const error = rejection(turn)
    await clock.advance(249)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(await error).toMatchObject({ name: 'TurnTimeoutError', message: 'turn exceeded timeout of 0.250s' })
    expect(signal?.reason).toBeInstanceOf(TurnTimeoutError)
    expect(clock.pendingTimers).toBe(0)
    expect(sessionFacts().slice(-2)).toEqual(['turns/failed', 'recovery/attempted'])
  })

  it('leaves no timer behind a call that returned in time [TURN-12]', async () => {
    const { orchestrator, clock } = createTestRuntime({ turnTimeoutMs: 1_000 })
    const session = await orchestrator.open()
    await session.runTurn(() => 'quick')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is not confused with a timeout error of the function itself [TURN-13]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const own = new DOMException('the socket is slow', 'TimeoutError')
    expect(await rejection(session.runTurn(() => Promise.reject(own), { timeoutMs: 30_000 }))).toBe(own)
  })

  it('ignores what the abandoned function still does [TURN-12]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const answer = deferred()
    const turn = rejection(session.runTurn(() => answer.promise, { timeoutMs: 10 }))
    await clock.advance(10)
    await turn
    const before = sessionFacts()
    answer.reject(new Error('too late to matter'))
    await clock.advance(1)
    expect(sessionFacts()).toEqual(before)
  })
})

describe('bad input to a turn', () => {
  it.each([
    ['thunk', 'not a function', {}],
    ['model', () => 1, { model: '  ' }],
    ['usage.inputTokens', () => 1, { usage: { inputTokens: -1 } }],
    ['usage.outputTokens', () => 1, { usage: { outputTokens: NaN } }],
    ['usage.cacheTtl', () => 1, { usage: { cacheTtl: ' ' } }],
    ['timeoutMs', () => 1, { timeoutMs: 0 }],
    ['timeoutMs', () => 1, { timeoutMs: 2 ** 31 }],
    ['timeoutMs', () => 1, { timeoutMs: NaN }],
    ['signal', () => 1, { signal: {} }],
  ])('names %s and its value before anything happened [TURN-1, ARG-5]', async (field, thunk, options) => {
    const { orchestrator, factTypes } = createTestRuntime()
    const session = await orchestrator.open()
    const before = factTypes()
    const error = await rejection(session.runTurn(thunk as never, options as never))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject({ field })
    expect(factTypes()).toEqual(before)
  })

  it('of reportUsage is thrown into the function [USE-5]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const turn = session.runTurn((call) => call.reportUsage({ inputTokens: 1.5 }))
    expect(await rejection(turn)).toMatchObject({ field: 'usage.inputTokens', value: 1.5 })
  })
})
