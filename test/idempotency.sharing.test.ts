import { describe, expect, it, vi } from 'vitest'
import { facts } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { deferred, rejection } from './support/runtime.js'
import { expectNoUnhandledRejections, payloadsOf } from './support/streams.js'
import { KEYED, THREAD, threadsThatReplay } from './support/threads.js'

expectNoUnhandledRejections()

const openThread = threadsThatReplay()

describe('turns with one key that run at the same time', () => {
  it('call the model once, and all get its answer [IDEM-4]', async () => {
    const { session, orchestrator, runtime } = await openThread()
    const other = await orchestrator.open(THREAD)
    const answer = deferred<{ text: string }>()
    const model = vi.fn(() => answer.promise)
    const turns = [session, session, other, session, other].map((each) => each.runTurn(model, KEYED))
    await settle()
    answer.resolve({ text: 'draft' })
    const results = await Promise.all(turns)
    expect(model).toHaveBeenCalledTimes(1)
    expect(results.map(({ value }) => value)).toEqual(Array(5).fill({ text: 'draft' }))
    expect(new Set(results.map(({ value }) => value)).size).toBe(5)
    expect(results.map(({ replayed }) => replayed)).toEqual([false, true, true, true, true])
    expect(runtime.select.totals()).toMatchObject({ turns: 1, costUsd: 0.033 })
  })

  it('share its failure, the very same error, which is recorded once [IDEM-4]', async () => {
    const { session, runtime } = await openThread()
    const answer = deferred()
    const model = vi.fn(() => answer.promise)
    const turns = Array.from({ length: 5 }, () => rejection(session.runTurn(model, KEYED)))
    await settle()
    const down = new Error('down')
    answer.reject(down)
    for (const error of await Promise.all(turns)) expect(error).toBe(down)
    expect(model).toHaveBeenCalledTimes(1)
    expect(payloadsOf(runtime, facts.turnFailed)).toHaveLength(1)
    expect(await session.runTurn(() => 'draft', KEYED)).toMatchObject({ replayed: false })
  })

  it('are not those with another key: they run side by side', async () => {
    const { session } = await openThread()
    const model = vi.fn(() => new Promise(() => undefined))
    for (const idempotencyKey of ['a', 'b']) void session.runTurn(model, { idempotencyKey }).catch(() => undefined)
    await settle()
    expect(model).toHaveBeenCalledTimes(2)
  })

  it('are refused at once when their input is another one [IDEM-2]', async () => {
    const { session, factTypes } = await openThread()
    const answer = deferred<string>()
    const running = session.runTurn(() => answer.promise, { ...KEYED, input: 'a' })
    await settle()
    const before = factTypes()
    const error = await rejection(session.runTurn(() => 'x', { ...KEYED, input: 'b' }))
    expect(error).toMatchObject({ code: 'idempotency_conflict' })
    expect(factTypes()).toEqual(before)
    answer.resolve('draft')
    await running
  })
})

describe('a turn with a key that others wait for', () => {
  it('and that is aborted, hands over to the next one [IDEM-5]', async () => {
    const { session, runtime } = await openThread()
    const controller = new AbortController()
    const answer = deferred<string>()
    const model = vi.fn(() => answer.promise)
    const aborted = rejection(session.runTurn(model, { ...KEYED, signal: controller.signal }))
    const others = [session.runTurn(model, KEYED), session.runTurn(model, KEYED)]
    await settle()
    expect(model).toHaveBeenCalledTimes(1)
    const reason = new Error('never mind')
    controller.abort(reason)
    expect(await aborted).toBe(reason)
    await settle()
    expect(model).toHaveBeenCalledTimes(2)
    answer.resolve('draft')
    expect(await Promise.all(others)).toMatchObject([{ replayed: false }, { replayed: true, turnId: 'turn-2' }])
    expect(payloadsOf(runtime, facts.turnCancelled)).toHaveLength(1)
  })

  it('and whose session is cancelled, hands over to that of another session [IDEM-5]', async () => {
    const { session, orchestrator } = await openThread()
    const other = await orchestrator.open(THREAD)
    const model = vi.fn<() => unknown>(() => new Promise(() => undefined))
    const cancelled = rejection(session.runTurn(model, KEYED))
    const waiting = other.runTurn(() => 'draft', KEYED)
    await settle()
    await session.cancel()
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    expect(await waiting).toMatchObject({ value: 'draft', replayed: false })
  })

  it('and that fails after it was handed over, fails for the rest', async () => {
    const { session } = await openThread()
    const controller = new AbortController()
    const hangs = () => new Promise<string>(() => undefined)
    const down = new Error('down')
    const first = rejection(session.runTurn(hangs, { ...KEYED, signal: controller.signal }))
    const rest = [1, 2].map(() => rejection(session.runTurn(() => Promise.reject(down), KEYED)))
    await settle()
    controller.abort(new Error('never mind'))
    await first
    for (const error of await Promise.all(rest)) expect(error).toBe(down)
    expect(session.summary().turns).toMatchObject({ cancelled: 1, failed: 1 })
  })

  it('and that is refused, says nothing about other sessions: the next one runs it [IDEM-5]', async () => {
    const { session, orchestrator } = await openThread({
      maxIterations: 1,
      hooks: [{ name: 'slow', beforeModel: () => settle() }],
    })
    const other = await orchestrator.open(THREAD)
    const model = vi.fn(() => 'draft')
    const racing = session.runTurn(() => 'something else')
    const refused = rejection(session.runTurn(model, KEYED))
    const waiting = other.runTurn(model, KEYED)
    await racing
    expect(await refused).toMatchObject({ code: 'max_iterations_exceeded' })
    expect(await waiting).toMatchObject({ value: 'draft', replayed: false })
    expect(model).toHaveBeenCalledTimes(1)
  })

  it('and that took its session over the budget, still answers the others [IDEM-4, IDEM-6]', async () => {
    const { session, runtime } = await openThread({ budgetUsd: 0.01, enforceBudget: true })
    const rich = await runtime.orchestrator({ role: 'writer', phase: 'draft' }).open(THREAD)
    const answer = deferred<string>()
    const model = vi.fn(() => answer.promise)
    const over = rejection(session.runTurn(model, KEYED))
    const waiting = rich.runTurn(model, KEYED)
    await settle()
    answer.resolve('draft')
    expect(await over).toMatchObject({ code: 'budget_exceeded', called: true })
    expect(await waiting).toMatchObject({ value: 'draft', replayed: true })
    expect(model).toHaveBeenCalledTimes(1)
  })

  it('and whose answer is no JSON, fails for all', async () => {
    const { session } = await openThread()
    const answer = deferred<Date>()
    const turns = [1, 2].map(() => rejection(session.runTurn(() => answer.promise, KEYED)))
    await settle()
    answer.resolve(new Date(0))
    const [first, second] = await Promise.all(turns)
    expect(first).toMatchObject({ code: 'result_not_serializable' })
    expect(second).toBe(first)
  })
})

describe('a turn that waits for another one with its key', () => {
  it.each(['signal', 'session'])('is aborted alone by its own %s [IDEM-5]', async (by) => {
    const { session, orchestrator, sessionFacts } = await openThread()
    const other = await orchestrator.open(THREAD)
    const answer = deferred<string>()
    const model = vi.fn(() => answer.promise)
    const running = session.runTurn(model, KEYED)
    const controller = new AbortController()
    const waiting = rejection(other.runTurn(model, { ...KEYED, signal: controller.signal }))
    await settle()
    if (by === 'signal') controller.abort(new Error('never mind'))
    else await other.cancel()
    expect(await waiting).toBeInstanceOf(Error)
    answer.resolve('draft')
    expect(await running).toMatchObject({ value: 'draft' })
    expect(model).toHaveBeenCalledTimes(1)
    expect(sessionFacts(other.id)).not.toContain('turns/replayed')
  })

  it('counts as an iteration when it is answered, and not before', async () => {
    const { session } = await openThread({ maxIterations: 2 })
    const answer = deferred<string>()
    const turns = [1, 2, 3].map(() => session.runTurn(() => answer.promise, KEYED))
    const settled = Promise.allSettled(turns)
    await settle()
    expect(session.summary().turns.iterations).toBe(1)
    answer.resolve('draft')
    expect(await settled).toMatchObject([
      { value: { replayed: false } },
      { value: { replayed: true } },
      { reason: { code: 'max_iterations_exceeded' } },
    ])
  })
})
