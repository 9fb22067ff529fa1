import { describe, expect, it, vi } from 'vitest'
import { facts } from '../src/index.js'
import { DRAFT, rejection } from './support/runtime.js'
import { expectNoUnhandledRejections, payloadsOf } from './support/streams.js'
import { KEYED, THREAD, threadsThatReplay } from './support/threads.js'

expectNoUnhandledRejections()

const openThread = threadsThatReplay()

describe('a turn whose key has an answer', () => {
  it('gives it again, without calling its function [IDEM-3]', async () => {
    const { session, runtime } = await openThread()
    const model = vi.fn(() => ({ text: 'draft' }))
    const first = await session.runTurn(model, KEYED)
    const again = await session.runTurn(model, KEYED)
    expect(first).toMatchObject({ value: { text: 'draft' }, turnId: 'turn-1', replayed: false })
    expect(again).toEqual({ ...first, replayed: true })
    expect(model).toHaveBeenCalledTimes(1)
    const types = runtime.log.facts(THREAD.threadId).map(({ type }) => type)
    expect(types).toEqual(['sessions/opened', 'turns/started', 'turns/completed', 'turns/kept', 'turns/replayed'])
  })

  it('does so in later sessions of its thread, of any orchestrator, and in no other thread', async () => {
    const { session, orchestrator, runtime } = await openThread()
    const model = vi.fn(() => 'draft')
    await session.runTurn(model, KEYED)
    await session.complete()
    const other = runtime.orchestrator({ role: 'editor', phase: 'review', projectId: 7 })
    for (const next of [await orchestrator.open(THREAD), await other.open(THREAD)]) {
      expect(await next.runTurn(model, KEYED)).toMatchObject({ value: 'draft', turnId: 'turn-1', replayed: true })
    }
    expect(model).toHaveBeenCalledTimes(1)
    const elsewhere = await orchestrator.open({ threadId: 'user-42:poem' })
    expect(await elsewhere.runTurn(model, KEYED)).toMatchObject({ replayed: false })
  })

  it('has it after however many others [IDEM-9]', async () => {
    const { session } = await openThread({ maxIterations: 'unlimited' })
    for (let key = 0; key < 150; key += 1) await session.runTurn(() => key, { idempotencyKey: `key ${key}` })
    const model = vi.fn()
    for (const key of [0, 48, 149]) {
      expect(await session.runTurn(model, { idempotencyKey: `key ${key}` })).toMatchObject({ value: key })
    }
    expect(model).not.toHaveBeenCalled()
  })

  it('counts as an iteration, and is refused when there are none left [IDEM-7]', async () => {
    const { session, runtime } = await openThread({ maxIterations: 2 })
    await session.runTurn(() => 'draft', KEYED)
    await session.runTurn(() => 'draft', KEYED)
    const error = await rejection(session.runTurn(() => 'draft', KEYED))
    expect(error).toMatchObject({ code: 'max_iterations_exceeded' })
    expect(session.summary().turns).toMatchObject({ iterations: 2, replayed: 1, refused: 1 })
    expect(payloadsOf(runtime, facts.turnRefused)).toMatchObject([{ reason: 'max_iterations_exceeded' }])
  })

  it('is refused by governance [IDEM-7]', async () => {
    const { session } = await openThread({ governance: [{ limit: 'max_iterations', value: 1 }] })
    await session.runTurn(() => 'draft', KEYED)
    expect(await rejection(session.runTurn(() => 'draft', KEYED))).toMatchObject({ code: 'governance_breach' })
    expect(session.summary().turns).toMatchObject({ replayed: 0, refused: 1 })
  })

  it('asks no hook, guardrail, breaker or rate limit [IDEM-7]', async () => {
    const watch = vi.fn(() => undefined)
    const check = vi.fn(() => ({ allowed: true }) as const)
    const { session, orchestrator, runtime } = await openThread({
      hooks: [{ name: 'watch', beforeModel: watch, afterModel: watch }],
      guardrails: [{ name: 'watch', stages: ['pre', 'post'], appliesTo: ['turn'], check }],
      circuitBreaker: { name: 'api', failureThreshold: 1 },
      rateLimit: { name: 'api', requests: { capacity: 2, refillPerSecond: 0.001 } },
    })
    await session.runTurn(() => 'draft', KEYED)
    await rejection(session.runTurn(() => Promise.reject(new Error('down')), { model: 'your-model' }))
    expect(runtime.select.breaker('api').state).toBe('open')
    const calls = [watch.mock.calls.length, check.mock.calls.length]
    const next = await orchestrator.open(THREAD)
    expect(await next.runTurn(() => 'draft', KEYED)).toMatchObject({ replayed: true })
    expect([watch.mock.calls.length, check.mock.calls.length]).toEqual(calls)
  })
})

describe('what a key stands for', () => {
  it.each([
    ['input', { ...KEYED, input: { prompt: 'b' } }],
    ['input, or none', KEYED],
    ['model', { ...KEYED, input: { prompt: 'a' }, model: 'your-other-model' }],
    ['model that a function names', { ...KEYED, input: { prompt: 'a' }, model: () => 'your-model' }],
  ])('is no turn with another %s: that is an error, and nothing is called [IDEM-2]', async (_, options) => {
    const { session, factTypes } = await openThread()
    await session.runTurn(() => 'draft', { ...KEYED, input: { prompt: 'a' } })
    const before = factTypes()
    const model = vi.fn()
    const error = await rejection(session.runTurn(model, options))
    expect(error).toMatchObject({ name: 'IdempotencyConflictError', idempotencyKey: 'draft' })
    expect(model).not.toHaveBeenCalled()
    expect(factTypes()).toEqual(before)
  })

  it('does not depend on the order of keys, on usage, or on who names the model [IDEM-2]', async () => {
    const { session } = await openThread({ model: 'your-model' })
    await session.runTurn(() => 'draft', { ...KEYED, input: { prompt: 'a', options: { n: 1, seed: 2 } } })
    const again = await session.runTurn(() => 'another', {
      idempotencyKey: 'draft',
      input: { options: { seed: 2, n: 1 }, prompt: 'a' },
    })
    expect(again).toMatchObject({ value: 'draft', replayed: true })
  })

  it('is the input as it was given, not as hooks left it', async () => {
    let stamp = 0
    const { session } = await openThread({ hooks: [{ name: 'stamp', beforeModel: () => (stamp += 1) }] })
    await session.runTurn(() => 'draft', { ...KEYED, input: 'a' })
    expect(await session.runTurn(() => 'x', { ...KEYED, input: 'a' })).toMatchObject({ value: 'draft' })
  })

  it.each([
    ['idempotencyKey', { idempotencyKey: ' ' }, THREAD],
    ['idempotencyKey', { idempotencyKey: 'draft' }, {}],
    ['input', { idempotencyKey: 'draft', input: { at: new Date(0) } }, THREAD],
    ['input', { idempotencyKey: 'draft', input: () => 1 }, THREAD],
  ])('cannot be told: %s of %j in %j [IDEM-1]', async (field, options, thread) => {
    const { orchestrator, factTypes } = await openThread()
    const session = await orchestrator.open(thread)
    const before = factTypes()
    const model = vi.fn()
    expect(await rejection(session.runTurn(model, options))).toMatchObject({ code: 'invalid_argument', field })
    expect(model).not.toHaveBeenCalled()
    expect(factTypes()).toEqual(before)
  })
})

describe('the answer that is kept', () => {
  it('is a copy each time: nobody changes it for others [IDEM-3]', async () => {
    const { session } = await openThread()
    const answer = { lines: ['one'] }
    const { value: first } = await session.runTurn(() => answer, KEYED)
    expect(first).toBe(answer)
    first.lines.push('two')
    const { value: second } = await session.runTurn(() => answer, KEYED)
    expect(second).toEqual({ lines: ['one'] })
    second.lines.push('three')
    expect((await session.runTurn(() => answer, KEYED)).value).toEqual({ lines: ['one'] })
  })

  it('is what the caller got: as hooks left it, and not what they took away [IDEM-6]', async () => {
    const { session, runtime } = await openThread({
      hooks: [{ name: 'redact', afterModel: (text) => String(text).replace('4711', '****') }],
    })
    const { value } = await session.runTurn(() => 'the pin is 4711', KEYED)
    expect(value).toBe('the pin is ****')
    expect((await session.runTurn(() => '', KEYED)).value).toBe('the pin is ****')
    expect(JSON.stringify(runtime.log.facts())).not.toContain('4711')
  })

  it('must be JSON: if not, the turn is paid for and its answer is on the error [IDEM-6]', async () => {
    const { session, factTypes } = await openThread({ budgetUsd: 0.01, enforceBudget: true })
    const answer = { text: 'draft', choices: [{ at: new Date(0) }] }
    const error = await rejection(session.runTurn(() => answer, KEYED))
    expect(error).toMatchObject({ code: 'result_not_serializable', idempotencyKey: 'draft', path: 'choices[0].at' })
    expect(error).toMatchObject({ result: { value: answer, turnId: 'turn-1' } })
    expect(JSON.stringify(error)).not.toContain('choices":')
    expect(factTypes().slice(-2)).toEqual(['turns/completed', 'budgets/exceeded'])
    expect(session.summary().usage.costUsd).toBe(0.033)
  })

  it('may be anything that is JSON, and not nothing', async () => {
    const { session } = await openThread()
    for (const [index, value] of [null, 0, '', false, []].entries()) {
      await session.runTurn(() => value, { idempotencyKey: `key ${index}` })
      expect((await session.runTurn(() => 'x' as never, { idempotencyKey: `key ${index}` })).value).toEqual(value)
    }
    const nothing = session.runTurn(() => undefined, { idempotencyKey: 'nothing' })
    expect(await rejection(nothing)).toMatchObject({ code: 'result_not_serializable', path: '' })
  })

  it('is none when the turn failed, took too long, or was blocked: the key may be tried again [IDEM-10]', async () => {
    const { session, clock } = await openThread({
      guardrails: [
        {
          name: 'no-poison',
          stages: ['post'],
          appliesTo: ['turn'],
          check: ({ value }) => ({ allowed: value !== 'poison' }),
        },
      ],
    })
    await rejection(session.runTurn(() => Promise.reject(new Error('down')), KEYED))
    const slow = rejection(session.runTurn(() => new Promise(() => undefined), { ...KEYED, timeoutMs: 10 }))
    await clock.advance(10)
    await slow
    await rejection(session.runTurn(() => 'poison', KEYED))
    expect(await session.runTurn(() => 'draft', KEYED)).toMatchObject({ value: 'draft', replayed: false })
    expect(session.summary().turns).toMatchObject({ failed: 2, completed: 2, blocked: 1, replayed: 0 })
  })

  it('is there when the turn went over the budget: it is never paid for twice [IDEM-6]', async () => {
    const { session, orchestrator, runtime } = await openThread({ budgetUsd: 0.01, enforceBudget: true })
    const model = vi.fn(() => 'draft')
    expect(await rejection(session.runTurn(model, KEYED))).toMatchObject({ code: 'budget_exceeded', called: true })
    for (const retry of [session, await orchestrator.open(THREAD), await orchestrator.open(THREAD)]) {
      expect(await retry.runTurn(model, KEYED)).toMatchObject({ value: 'draft', replayed: true })
    }
    expect(model).toHaveBeenCalledTimes(1)
    expect(runtime.select.totals().costUsd).toBe(0.033)
  })
})

describe('the usage of an answer that is given again', () => {
  it('counts for its session once, so that a budget goes on where it was [IDEM-8]', async () => {
    const { session, orchestrator } = await openThread({ budgetUsd: 0.05, enforceBudget: true })
    await session.runTurn(() => 'draft', KEYED)
    await session.cancel()
    const next = await orchestrator.open(THREAD)
    await next.runTurn(() => 'draft', KEYED)
    await next.runTurn(() => 'draft', KEYED)
    expect(next.summary()).toMatchObject({ turns: { replayed: 2 }, usage: { turns: 1, costUsd: 0.033 } })
    expect(await rejection(next.runTurn(() => 'more', DRAFT))).toMatchObject({ code: 'budget_exceeded', called: true })
    expect(await rejection(next.runTurn(() => 'more', DRAFT))).toMatchObject({ code: 'budget_exceeded', called: false })
  })

  it('does not count again for the session that paid for it [IDEM-8]', async () => {
    const { session } = await openThread()
    await session.runTurn(() => 'draft', KEYED)
    await session.runTurn(() => 'draft', KEYED)
    expect(session.summary().usage).toMatchObject({ turns: 1, costUsd: 0.033 })
  })

  it('is in no total of thread, project or runtime: it was paid for once [IDEM-8]', async () => {
    const { session, orchestrator, runtime } = await openThread({ projectId: 7 })
    await session.runTurn(() => 'draft', KEYED)
    const next = await orchestrator.open(THREAD)
    await next.runTurn(() => 'draft', KEYED)
    expect(runtime.select.totals()).toMatchObject({ turns: 1, costUsd: 0.033 })
    expect(runtime.select.thread(THREAD.threadId)).toMatchObject({ usage: [{ turns: 1, inputTokens: 5_000 }] })
    expect(runtime.select.project(7)).toMatchObject({ usage: [{ turns: 1, inputTokens: 5_000 }] })
  })

  it('keeps the price that it was paid at', async () => {
    const { session, orchestrator, runtime } = await openThread()
    await session.runTurn(() => 'draft', KEYED)
    runtime.registerPricing('your-model', { inputPerMillion: 300, outputPerMillion: 1_500 })
    const next = await orchestrator.open(THREAD)
    await next.runTurn(() => 'draft', KEYED)
    expect(next.summary().usage.costUsd).toBe(0.033)
  })
})

it('a log without keys keeps no answers', async () => {
  const { session, runtime } = await openThread()
  await session.runTurn(() => 'the secret answer', DRAFT)
  expect(payloadsOf(runtime, facts.turnKept)).toEqual([])
  expect(JSON.stringify(runtime.log.facts())).not.toContain('secret')
})
