import { describe, expect, it, vi } from 'vitest'
import { facts, InvalidArgumentError } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scriptedTool } from './support/scripted.js'

const timedOut = httpError(504)

describe('the recovery of a tool', () => {
  const execute = { recovery: { mode: 'execute', backoff: { jitter: 'none' } } } as const
  const broken = new Error('the tool failed')

  it('calls one that is marked as idempotent again [RETRY-13]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(httpError(503), 'found')
    const call = session.runTool('lookup', tool, { idempotent: true, args: { term: 'RAG' } })
    await clock.advance(2_000)
    expect(await call).toBe('found')
    expect(tool.mock.calls).toMatchObject([
      [{ attempt: 1, recovery: null, args: { term: 'RAG' } }],
      [
        {
          attempt: 2,
          recovery: { scenario: 'provider_failure', steps: ['retry_with_backoff'] },
          args: { term: 'RAG' },
        },
      ],
    ])
    expect(sessionFacts().slice(1)).toEqual([
      ...['tools/started', 'tools/attemptFailed', 'recovery/attempted', 'tools/retried', 'tools/completed'],
    ])
    expect(payloadsOf(runtime.log, facts.toolRetried)).toMatchObject([{ attempt: 2, waitedMs: 2_000 }])
    expect(session.summary().tools).toMatchObject({ started: 1, retried: 1, completed: 1, failed: 0 })
  })

  it('leaves any other alone [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(broken)
    expect(await rejection(session.runTool('charge', tool))).toBe(broken)
    expect(tool).toHaveBeenCalledTimes(1)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/failed'])
  })

  it('is not carried out where recoveries are only recorded [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    expect(await rejection(session.runTool('lookup', scriptedTool(broken), { idempotent: true }))).toBe(broken)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/failed'])
  })

  it('gives each attempt the whole timeout [RETRY-13]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const hang = vi.fn(() => new Promise(() => undefined))
    const call = rejection(session.runTool('slow', hang, { idempotent: true, timeoutMs: 100 }))
    await clock.advance(199)
    expect(hang).toHaveBeenCalledTimes(2)
    await clock.advance(1)
    expect(await call).toMatchObject({ code: 'tool_timeout', timeoutMs: 100 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends with the error of the tool when its recipe is used up [RETRY-13]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = scriptedTool(broken, broken)
    expect(await rejection(session.runTool('lookup', tool, { idempotent: true }))).toBe(broken)
    expect(sessionFacts().slice(-3)).toEqual(['tools/attemptFailed', 'recovery/attempted', 'tools/failed'])
  })

  it('is cancelled with the call while it waits [RETRY-14]', async () => {
    const { orchestrator, clock, sessionFacts } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const stop = new AbortController()
    const options = { idempotent: true, signal: stop.signal }
    const call = rejection(session.runTool('lookup', scriptedTool(timedOut), options))
    await clock.advance(1_000)
    stop.abort('enough')
    expect(await call).toBe('enough')
    expect(clock.pendingTimers).toBe(0)
    expect(sessionFacts().slice(2)).toEqual(['tools/attemptFailed', 'tools/cancelled'])
  })

  it.each([
    ['that aborts itself', new DOMException('the user left', 'AbortError')],
    ['whose error is one of this runtime', new InvalidArgumentError('term', 7, 'a word')],
  ])('leaves one %s alone [RETRY-13]', async (_what, error) => {
    const { orchestrator } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const tool = vi.fn(() => Promise.reject(error))
    expect(await rejection(session.runTool('lookup', tool, { idempotent: true }))).toBe(error)
    expect(tool).toHaveBeenCalledTimes(1)
  })
})
