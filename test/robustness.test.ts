import { describe, expect, it, vi } from 'vitest'
import { createAgentRuntime, createMemoryLog, type Clock, type EventLog } from '../src/index.js'
import { createManualClock, createTestRuntime as createRuntime, settle } from '../src/testing/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'

describe('a warning that nobody can be told', () => {
  const onWarning = () => {
    throw new Error('the logger is down')
  }

  it('does not keep a turn from ending [RUN-8]', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { orchestrator, runtime } = createTestRuntime({}, { onWarning })
    const session = await orchestrator.open()
    const turn = session.runTurn(() => 'answer', { model: 'no-price', usage: { inputTokens: 3 } })
    expect(await turn).toMatchObject({ value: 'answer', usage: { inputTokens: 3 } })
    expect(runtime.select.summary(session.id)).toMatchObject({ turns: { completed: 1 }, inFlight: { turns: [] } })
    expect(errors).toHaveBeenCalledWith('onWarning threw Error')
    errors.mockRestore()
  })

  it('does not let a subscriber that throws end a turn', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { orchestrator, runtime } = createTestRuntime({}, { onWarning })
    runtime.subscribe(() => {
      throw new Error('a bug in a listener')
    })
    expect(await orchestrator.session((session) => session.runTurn(() => 1))).toMatchObject({ value: 1 })
    errors.mockRestore()
  })
})

/** A log that fails from when it is told to. */
function failingLog(): EventLog & { fails: boolean } {
  const log = createMemoryLog()
  return {
    ...log,
    fails: false,
    append(...args) {
      if (this.fails) throw new Error('the disk is gone')
      log.append(...args)
    },
  }
}

describe('a log that fails while somebody waits', () => {
  it('fails the wait for a person, and nothing else [FACT-15]', async () => {
    const { orchestrator, clock, log } = createRuntime({ log: failingLog() })
    const session = await orchestrator.open()
    const paused = rejection(session.pauseForInput('go on?', { timeoutMs: 20 }))
    await settle()
    log.fails = true
    await clock.advance(20)
    expect(await paused).toMatchObject({ code: 'log_unavailable', cause: { message: 'the disk is gone' } })
  })

  it('fails the wait for a rate limit, and nothing else [FACT-15]', async () => {
    const rateLimit = { name: 'provider', requests: { capacity: 1, refillPerSecond: 1 } }
    const { orchestrator, clock, log } = createRuntime({ log: failingLog(), rateLimit })
    const session = await orchestrator.open()
    await session.runTurn(() => 1)
    const waiting = rejection(session.runTurn(() => 2))
    await settle()
    log.fails = true
    await clock.advance(1_000)
    expect(await waiting).toMatchObject({ code: 'log_unavailable', cause: { message: 'the disk is gone' } })
  })
})

it('time that passes between two looks at the clock costs no turn its place in line', async () => {
  let now = 0
  const clock: Clock = { ...createManualClock(), now: () => (now += 0.4) }
  const runtime = createAgentRuntime({ clock })
  const rateLimit = { name: 'provider', requests: { capacity: 1, refillPerSecond: 1_000 } }
  const options = { role: 'writer', phase: 'draft', maxIterations: 'unlimited', rateLimit } as const
  const session = await runtime.orchestrator(options).open()
  for (let turn = 1; turn <= 50; turn += 1) expect(await session.runTurn(() => turn)).toMatchObject({ value: turn })
})

describe('a budget that a turn passes', () => {
  it('is told of when a hook then throws the answer away [TURN-15]', async () => {
    const hooks = [
      {
        name: 'strict',
        afterModel: () => {
          throw new Error('no')
        },
      },
    ]
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks, budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    const turn = session.runTurn(() => 1, { model: 'your-model', usage: { outputTokens: 50_000 } })
    expect(await rejection(turn)).toMatchObject({ message: 'no' })
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed', 'budgets/exceeded'])
  })
})

describe('the model of a turn', () => {
  it('may be named by a function, whose answer is checked [TURN-9]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    expect(await rejection(session.runTurn(() => 1, { model: (() => undefined) as never }))).toMatchObject({
      code: 'invalid_argument',
      field: 'model()',
      value: undefined,
    })
    await session.runTurn(() => 1, { model: () => ' your-model ', usage: { inputTokens: 5 } })
    expect(session.summary().usage.models).toMatchObject([{ model: 'your-model', inputTokens: 5 }])
  })
})

describe('what every turn is read with', () => {
  it('gives way to what a function reported [USE-4]', async () => {
    const readUsage = vi.fn(() => ({ inputTokens: 9 }))
    const { orchestrator } = createTestRuntime({ readUsage })
    const session = await orchestrator.open()
    const reported = await session.runTurn((call) => call.reportUsage({ inputTokens: 5 }))
    expect(reported.usage.inputTokens).toBe(5)
    expect(readUsage).not.toHaveBeenCalled()
    expect((await session.runTurn(() => 'quiet')).usage.inputTokens).toBe(9)
  })
})

describe('a signal that outlives many streams', () => {
  it('keeps nothing of them [TURN-23]', async () => {
    const { orchestrator } = createTestRuntime({ maxIterations: 'unlimited' })
    const session = await orchestrator.open()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const any = vi.spyOn(AbortSignal, 'any')
    for (let count = 0; count < 20; count += 1) {
      for await (const event of session.runTurnStream(
        async function* () {
          yield 'a'
        },
        { signal },
      )) {
        expect(event.type).not.toBe('error')
      }
      await session.runTools([{ name: 'a', run: () => 1 }], { signal })
    }
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
    expect(any).not.toHaveBeenCalled()
  })
})

it('an answer of a stream that a hook turned into something else is refused [STRM-3]', async () => {
  const { orchestrator } = createTestRuntime({ hooks: [{ name: 'wrap', afterModel: (text) => ({ text }) }] })
  const session = await orchestrator.open()
  const read = async () => {
    for await (const _event of session.runTurnStream(async function* () {
      yield 'a'
    })) {
      // To the end.
    }
  }
  expect(await rejection(read())).toMatchObject({ code: 'invalid_argument', field: 'afterModel()' })
})

describe('options of calls', () => {
  it('are named as they were given', async () => {
    const session = await createTestRuntime().orchestrator.open()
    const badly = async (options: object) => rejection(session.runTurn(() => 1, options))
    expect(await badly({ estimate: { inputTokens: -1 } })).toMatchObject({ field: 'estimate.inputTokens', value: -1 })
    expect(await badly({ estimate: 5 })).toMatchObject({ field: 'estimate', value: 5 })
    expect(String(await badly({ estimat: {} }))).toMatch(
      /estimat is not a known option, known are name, model, usage, estimate,/,
    )
    expect(() => session.runTurnStream(() => [] as never, { timeoutMs: { total: 5 } as never })).toThrow(
      'timeoutMs.total is not a known option, known are totalMs, firstChunkMs, chunkMs',
    )
  })
})
