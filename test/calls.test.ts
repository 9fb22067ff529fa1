import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunningCalls } from '../sagas/calls.js'
import { ToolTimeoutError, TurnTimeoutError, type AgentSession, type Orchestrator } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from './support/runtime.js'

const hang = (): Promise<never> => new Promise(() => undefined)
const fifty = <T>(make: (index: number) => T): T[] => Array.from({ length: 50 }, (_, index) => make(index))

describe('one signal of the caller', () => {
  const warned = vi.fn()
  beforeEach(() => void process.on('warning', warned))
  afterEach(() => {
    process.off('warning', warned)
    warned.mockClear()
  })

  const uses: Record<string, (signal: AbortSignal, session: AgentSession, orchestrator: Orchestrator) => unknown[]> = {
    turns: (signal, session) => fifty(() => session.runTurn(hang, { signal })),
    tools: (signal, session) => fifty((n) => session.runTool(`tool-${n}`, hang, { signal })),
    'calls of one runTools': (signal, session) => [
      session.runTools(
        fifty((n) => ({ name: `tool-${n}`, run: hang })),
        { signal },
      ),
    ],
    'approvals that are waited for': (signal, session) =>
      fifty((n) => session.runTool(`tool-${n}`, hang, { signal, requireApproval: true })),
    'session functions': (signal, _session, orchestrator) => fifty(() => orchestrator.session(hang, { signal })),
  }

  it.each(Object.keys(uses))('serves fifty %s with one listener, and loses it when they end [TURN-23]', async (use) => {
    const { orchestrator } = createTestRuntime({ maxIterations: 'unlimited' })
    const session = await orchestrator.open()
    const { signal, abort } = withAbort()
    const running = uses[use]!(signal, session, orchestrator).map((call) => rejection(call as Promise<unknown>))
    await settle()
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1)
    abort('enough')
    expect(new Set(await Promise.all(running))).toEqual(new Set(['enough']))
    await settle()
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warned).not.toHaveBeenCalled()
  })

  it('serves fifty opened sessions with one listener, and cancels them all', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const { signal, abort } = withAbort()
    const sessions = await Promise.all(fifty(() => orchestrator.open({ signal })))
    await sessions[0]!.complete()
    await settle()
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    abort('shutting down')
    expect(runtime.listActive()).toEqual([])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warned).not.toHaveBeenCalled()
  })

  it('is not kept by calls that have ended', async () => {
    const { orchestrator } = createTestRuntime({ maxIterations: 'unlimited' })
    const session = await orchestrator.open()
    const { signal } = withAbort()
    for (let turn = 0; turn < 50; turn += 1) await session.runTurn(() => turn, { signal })
    await orchestrator.session(() => 1, { signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

function withAbort() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
}

describe('the signal that a function gets', () => {
  it('is aborted when the function looks at it for the first time after its timeout [TOOL-10]', async () => {
    const { orchestrator, clock } = createTestRuntime()
    const session = await orchestrator.open()
    const gate = deferred<undefined>()
    const seen: AbortSignal[] = []
    const lookLate = async (call: { readonly signal: AbortSignal }) => {
      await gate.promise
      seen.push(call.signal)
    }
    const turn = rejection(session.runTurn(lookLate, { timeoutMs: 10 }))
    const tool = rejection(session.runTool('slow', lookLate, { timeoutMs: 10 }))
    await clock.advance(10)
    await Promise.all([turn, tool])
    gate.resolve(undefined)
    await settle()
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(seen[0]?.reason).toBeInstanceOf(TurnTimeoutError)
    expect(seen[1]?.reason).toBeInstanceOf(ToolTimeoutError)
  })

  it('is aborted when the function looks at it for the first time after its session was cancelled', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    let late: { readonly signal: AbortSignal } | undefined
    const turn = rejection(
      session.runTurn((call) => {
        late = call
        return hang()
      }),
    )
    await session.cancel('stop')
    await turn
    expect(late?.signal.reason).toMatchObject({ code: 'cancelled', detail: 'stop' })
  })

  it('is another one for each attempt: that of an earlier attempt stays aborted', async () => {
    const { orchestrator, clock } = createTestRuntime({ recovery: { mode: 'execute' } })
    const session = await orchestrator.open()
    const calls: { readonly attempt: number; readonly signal: AbortSignal }[] = []
    const turn = session.runTurn(
      (call) => {
        calls.push(call)
        return call.attempt === 1 ? hang() : Promise.resolve('answered')
      },
      { ...DRAFT, timeoutMs: 1_000 },
    )
    await clock.advance(600_000)
    expect((await turn).value).toBe('answered')
    expect(calls.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  it('is not aborted by what happens after the function has returned', async () => {
    const { orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const { value: signal } = await session.runTurn((call) => call.signal)
    await session.cancel()
    expect(signal.aborted).toBe(false)
  })
})

describe('calls in flight', () => {
  it('are known by session until they have ended', async () => {
    const calls = new RunningCalls()
    const [first, second, other] = [calls.begin('session-1'), calls.begin('session-1'), calls.begin('session-2')]
    expect(calls.running()).toEqual(['session-1', 'session-2'])
    const settled = vi.fn()
    void calls.settled('session-1').then(settled)
    first.end()
    await settle()
    expect(settled).not.toHaveBeenCalled()
    second.end()
    await settle()
    expect(settled).toHaveBeenCalledTimes(1)
    expect(calls.isRunning('session-1')).toBe(false)
    expect(calls.running()).toEqual(['session-2'])
    other.end()
    expect(calls.running()).toEqual([])
  })

  it('are aborted with the first reason that they get', () => {
    const calls = new RunningCalls()
    const call = calls.begin('session-1')
    calls.abortCalls('session-1', 'first')
    calls.abortAll('session-1', 'second')
    expect(call.aborted).toEqual({ reason: 'first' })
    expect(call.signal.reason).toBe('first')
    expect(() => call.throwIfAborted()).toThrow('first')
  })
})
