import { describe, expect, it, vi } from 'vitest'
import type { ToolSpec } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, rejection } from './support/runtime.js'

const hang = (): Promise<never> => new Promise(() => undefined)

/** Tools that end when the test says so, and how many of them run. */
function createTools(count: number) {
  const answers = Array.from({ length: count }, () => deferred<string>())
  const started: string[] = []
  const signals: AbortSignal[] = []
  const tools = answers.map(({ promise }, index): ToolSpec<string> => {
    const name = `tool-${'abcdef'.charAt(index)}`
    const run: ToolSpec<string>['run'] = ({ signal }) => {
      started.push(name)
      signals.push(signal)
      return promise
    }
    return { name, run }
  })
  return { answers, started, signals, tools }
}

describe('tools that run in parallel', () => {
  it('return in the order given, in whatever order they end [TOOL-12]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, tools } = createTools(3)
    const results = session.runTools(tools)
    for (const index of [2, 0, 1]) {
      answers[index]!.resolve(`answer ${index}`)
      await settle()
    }
    expect(await results).toEqual(['answer 0', 'answer 1', 'answer 2'])
    expect(sessionFacts().slice(1)).toEqual([
      ...['tools/started', 'tools/started', 'tools/started'],
      ...['tools/completed', 'tools/completed', 'tools/completed'],
    ])
  })

  it('are given their own arguments, attempts and timeouts [TOOL-15]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ toolTimeoutMs: 900 })
    const session = await orchestrator.open()
    const run: ToolSpec['run'] = ({ args, attempt }) => [args, attempt]
    const results = await session.runTools(
      [
        { name: 'a', run, args: { n: 1 } },
        { name: 'b', run, timeoutMs: 50 },
        { name: 'c', run, timeoutMs: null },
        { name: 'd', run, timeoutMs: undefined },
      ],
      { timeoutMs: 300 },
    )
    expect(results[0]).toEqual([{ n: 1 }, 1])
    await session.runTools([{ name: 'e', run }])
    const timeouts = runtime.log.facts().flatMap(({ type, payload }) => {
      const { tool, timeoutMs } = payload as { tool: string; timeoutMs: number | null }
      return type === 'tools/started' ? [[tool, timeoutMs]] : []
    })
    expect(timeouts).toEqual([
      ['a', 300],
      ['b', 50],
      ['c', null],
      ['d', 300],
      ['e', 900],
    ])
  })

  it('never run more at a time than they may, and begin in the order given [TOOL-12]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, started, tools } = createTools(5)
    const results = session.runTools(tools, { concurrency: 2 })
    const inFlight = () => runtime.select.session(session.id)?.inFlight.tools.length
    const seen: unknown[] = []
    for (const index of [1, 0, 2, 4, 3]) {
      seen.push([inFlight(), started.length])
      answers[index]!.resolve('done')
      await settle()
    }
    expect(seen).toEqual([
      [2, 2],
      [2, 3],
      [2, 4],
      [2, 5],
      [1, 5],
    ])
    expect(started).toEqual(['tool-a', 'tool-b', 'tool-c', 'tool-d', 'tool-e'])
    await results
  })

  it('run all at once when nobody says how many [TOOL-12]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, started, tools } = createTools(6)
    const results = session.runTools(tools)
    await settle()
    expect(started).toHaveLength(6)
    for (const { resolve } of answers) resolve('done')
    await results
  })

  it('may be none', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(await session.runTools([])).toEqual([])
    expect(await session.runTools([], { settle: 'all', concurrency: 3 })).toEqual([])
    expect(sessionFacts()).toEqual(['sessions/opened'])
    await session.complete()
    expect(await rejection(session.runTools([]))).toMatchObject({ code: 'session_ended' })
  })
})

describe('the first tool that fails', () => {
  it('aborts the others, waits until they have settled, and its error is thrown as it was [TOOL-13]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, signals, started, tools } = createTools(5)
    const running = rejection(session.runTools(tools, { concurrency: 3 }))
    await settle()
    const error = Object.freeze(new Error('no such page'))
    answers[1]!.reject(error)
    expect(await running).toBe(error)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, true])
    expect(signals[0]?.reason).toBe(error)
    expect(started).toEqual(['tool-a', 'tool-b', 'tool-c'])
    expect(sessionFacts().slice(4)).toEqual(['tools/failed', 'tools/cancelled', 'tools/cancelled'])
    expect(runtime.select.summary(session.id)).toMatchObject({
      tools: { started: 3, failed: 1, cancelled: 2 },
      inFlight: { tools: [] },
    })
  })

  it('is the one that is thrown, whatever the others do afterwards [TOOL-13]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const first = new Error('first')
    const spiteful: ToolSpec['run'] = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('second'))))
    const tools = [
      { name: 'a', run: spiteful },
      { name: 'b', run: () => Promise.reject(first) },
      { name: 'c', run: () => Promise.reject(new Error('third')) },
    ]
    expect(await rejection(session.runTools(tools))).toBe(first)
  })

  it('may be one that was not even called [TOOL-13]', async () => {
    const { orchestrator } = createTestRuntime({
      permissions: { roles: { writer: { mode: 'full_access', deniedTools: ['shell'] } } },
    })
    const session = await orchestrator.open()
    const shell = vi.fn()
    const last = vi.fn()
    const tools = [
      { name: 'shell', run: shell },
      { name: 'last', run: last },
    ]
    expect(await rejection(session.runTools(tools, { concurrency: 1 }))).toMatchObject({ code: 'permission_denied' })
    expect(shell).not.toHaveBeenCalled()
    expect(last).not.toHaveBeenCalled()
  })

  it('releases another that waits for an approval [TOOL-13, APPR-9]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, tools } = createTools(1)
    const mail = vi.fn()
    const running = rejection(session.runTools([...tools, { name: 'mail', run: mail, requireApproval: true }]))
    await settle()
    expect(session.pendingRequests).toHaveLength(1)
    answers[0]!.reject('down')
    expect(await running).toBe('down')
    expect(mail).not.toHaveBeenCalled()
    expect(runtime.select.pendingRequests()).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('may be called again before it counts as failed, when it is idempotent', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime({ recovery: { mode: 'execute' } })
    const session = await orchestrator.open()
    const flaky = vi.fn<() => string>().mockImplementationOnce(() => {
      throw Object.assign(new Error('busy'), { status: 503 })
    })
    flaky.mockReturnValue('found')
    const running = session.runTools([
      { name: 'search', run: flaky, idempotent: true },
      { name: 'clock', run: () => 'noon' },
    ])
    await clock.advance(600_000)
    expect(await running).toEqual(['found', 'noon'])
    expect(sessionFacts()).toContain('tools/retried')
  })
})

describe('every outcome', () => {
  it('is returned when asked for, and no failure aborts another [TOOL-14]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const { answers, signals, tools } = createTools(3)
    const results = session.runTools(tools, { settle: 'all', concurrency: 2 })
    answers[0]!.reject('down')
    await settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false])
    answers[1]!.resolve('b')
    answers[2]!.resolve('c')
    expect(await results).toEqual([
      { status: 'rejected', reason: 'down' },
      { status: 'fulfilled', value: 'b' },
      { status: 'fulfilled', value: 'c' },
    ])
  })

  it('is decided for each call on its own: permissions, guardrails, governance, timeouts [TOOL-4, TOOL-12]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime({
      permissions: { roles: { writer: { mode: 'full_access', deniedTools: ['shell'] } } },
      guardrails: [
        {
          name: 'no-secrets',
          stages: ['pre', 'post'],
          check: ({ stage, input, value }) =>
            (stage === 'pre' ? input : value) === 'secret' ? { allowed: false } : { allowed: true },
        },
      ],
      governance: [{ limit: 'max_tool_calls', value: 4 }],
    })
    const session = await orchestrator.open()
    const run = vi.fn(() => 'fine')
    const running = session.runTools(
      [
        { name: 'shell', run },
        { name: 'post', run, args: 'secret' },
        { name: 'read', run: () => 'secret' },
        { name: 'slow', run: hang, timeoutMs: 10 },
        { name: 'good', run },
        { name: 'one too many', run },
      ],
      { settle: 'all', concurrency: 1 },
    )
    await clock.advance(10)
    const codes = (await running).map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as { code: string }).code,
    )
    expect(codes).toEqual([
      'permission_denied',
      'guardrail_violated',
      'guardrail_violated',
      'tool_timeout',
      'fine',
      'governance_breach',
    ])
    expect(run).toHaveBeenCalledTimes(1)
    expect(sessionFacts().slice(1)).toEqual([
      'tools/blocked',
      'tools/blocked',
      ...['tools/started', 'tools/blocked'],
      ...['tools/started', 'tools/failed'],
      ...['tools/started', 'tools/completed'],
      ...['tools/blocked', 'governance/breached'],
    ])
    expect(session.summary().tools).toMatchObject({ attempted: 5, started: 3, blocked: 4, failed: 1, completed: 1 })
  })
})

describe('the signal of parallel tools', () => {
  it('aborts those that run, and the others never begin [TOOL-15]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const controller = new AbortController()
    const { signals, started, tools } = createTools(4)
    const running = rejection(session.runTools(tools, { concurrency: 2, signal: controller.signal }))
    await settle()
    const reason = new Error('the user left')
    controller.abort(reason)
    expect(await running).toBe(reason)
    expect(started).toEqual(['tool-a', 'tool-b'])
    expect(signals.map((signal) => signal.reason as unknown)).toEqual([reason, reason])
    expect(runtime.select.summary(session.id).tools).toMatchObject({ started: 2, cancelled: 2 })
    expect(session.status).toBe('running')
  })

  it('gives every call its reason when every outcome is asked for [TOOL-14, TOOL-15]', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const controller = new AbortController()
    const { started, tools } = createTools(3)
    const running = session.runTools(tools, { settle: 'all', concurrency: 1, signal: controller.signal })
    await settle()
    controller.abort('enough')
    expect(await running).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: 'enough' })))
    expect(started).toEqual(['tool-a'])
  })

  it('that was aborted before lets nothing begin [TOOL-2]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const { started, tools } = createTools(2)
    expect(await rejection(session.runTools(tools, { signal: AbortSignal.abort('before') }))).toBe('before')
    expect(started).toEqual([])
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it('is not needed for the end of the session to abort them', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const { started, tools } = createTools(3)
    const running = rejection(session.runTools(tools, { concurrency: 2 }))
    await settle()
    await session.cancel('stop')
    expect(await running).toMatchObject({ code: 'cancelled', detail: 'stop' })
    expect(started).toEqual(['tool-a', 'tool-b'])
  })
})

describe('bad input to parallel tools', () => {
  const run = () => 1

  it.each([
    ['specs', 'a list', {}],
    ['specs[0]', [null], {}],
    ['specs[0].name', [{ name: ' ', run }], {}],
    ['specs[1].run', [{ name: 'a', run }, { name: 'b' }], {}],
    [
      'specs[1].timeoutMs',
      [
        { name: 'a', run },
        { name: 'b', run, timeoutMs: 0 },
      ],
      {},
    ],
    ['specs[0].idempotent', [{ name: 'a', run, idempotent: 'yes' }], {}],
    ['specs[0].signal', [{ name: 'a', run, signal: AbortSignal.abort() }], {}],
    ['specs[0].requireApproval', [{ name: 'a', run, requireApproval: 'always' }], {}],
    ['specs[0].requireApproval.when', [{ name: 'a', run, requireApproval: { when: true } }], {}],
    ['concurrency', [{ name: 'a', run }], { concurrency: 0 }],
    ['concurrency', [], { concurrency: 1.5 }],
    ['settle', [{ name: 'a', run }], { settle: 'some' }],
    ['timeoutMs', [{ name: 'a', run }], { timeoutMs: -1 }],
    ['signal', [{ name: 'a', run }], { signal: 'abort' }],
    ['retries', [{ name: 'a', run }], { retries: 2 }],
  ])('names %s, and nothing runs [TOOL-15]', async (field, specs, options) => {
    const { orchestrator, factTypes } = createTestRuntime()
    const session = await orchestrator.open()
    const before = factTypes()
    const error = await rejection(session.runTools(specs as never, options as never))
    expect(error).toMatchObject({ code: 'invalid_argument', field })
    expect(factTypes()).toEqual(before)
  })
})
