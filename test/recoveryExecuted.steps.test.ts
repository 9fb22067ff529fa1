import { describe, expect, it, vi } from 'vitest'
import { facts } from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'
import { execute, httpError, payloadsOf, scripted } from './support/scripted.js'

describe('a recipe of one’s own', () => {
  it('takes the place of the built-in one [REC-1]', async () => {
    const recipes = { llm_error: { steps: ['reduce_tool_set'], maxAttempts: 3, escalationPolicy: 'abort' } } as const
    const { orchestrator, clock } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    const error = httpError(429)
    const thunk = scripted(error, error, error, error)
    expect(await rejection(session.runTurn(thunk))).toBe(error)
    expect(thunk.seen.map(({ toolScale }) => toolScale)).toEqual([1, 0.5, 0.25, 0.125])
    expect(clock.pendingTimers).toBe(0)
  })

  it('may try a step several times within one recovery [REC-6]', async () => {
    const steps = { clear_memory_cache: vi.fn(({ attempt }: { attempt: number }) => attempt === 3) }
    const recipes = { memory_corruption: { stepRetries: { clear_memory_cache: 3 } } }
    const { orchestrator } = createTestRuntime(execute({ recipes, steps }))
    const session = await orchestrator.open()
    expect((await session.runTurn(scripted(new SyntaxError('bad'), 'done'))).value).toBe('done')
    expect(steps.clear_memory_cache.mock.calls.map(([{ attempt }]) => attempt)).toEqual([1, 2, 3])
  })

  it('with a step that may not be tried at all cannot succeed [REC-6]', async () => {
    const recipes = { tool_execution_error: { stepRetries: { restart_agent: 0 } } }
    const { orchestrator, runtime } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    await rejection(session.runTurn(scripted(new Error('tool failed'))))
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([{ outcome: 'partial_recovery' }])
  })

  it('that nobody can carry out is not followed by a call [RETRY-4]', async () => {
    const recipes = { llm_error: { steps: ['switch_provider'] } } as const
    const { orchestrator, runtime, sessionFacts } = createTestRuntime(execute({ recipes }))
    const session = await orchestrator.open()
    const error = httpError(429)
    expect(await rejection(session.runTurn(scripted(error)))).toBe(error)
    expect(sessionFacts().slice(2)).toEqual(['turns/attemptFailed', 'recovery/attempted', 'turns/failed'])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'partial_recovery', recoveredSteps: [], remainingSteps: ['switch_provider'] },
    ])
  })

  it('is carried out without the steps that nobody can carry out [RETRY-4]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(429), 'done'))
    await clock.advance(2_000)
    await turn
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'recovered', recoveredSteps: ['retry_with_backoff'], remainingSteps: [] },
    ])
  })
})

describe('a handler of a step', () => {
  it('carries it out instead of the runtime [RETRY-11]', async () => {
    const handler = vi.fn(() => true)
    const { orchestrator } = createTestRuntime(execute({ steps: { retry_with_backoff: handler } }))
    const session = await orchestrator.open()
    const error = httpError(504)
    expect((await session.runTurn(scripted(error, 'at once'))).value).toBe('at once')
    expect(handler.mock.calls).toMatchObject([
      [{ scenario: 'llm_timeout', step: 'retry_with_backoff', index: 0, attempt: 1, error }],
    ])
  })

  it('is asked even for a step that the runtime could not carry out [RETRY-4]', async () => {
    const switched = vi.fn(async () => true)
    const { orchestrator, clock } = createTestRuntime(execute({ steps: { switch_provider: switched } }))
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(503), 'done'))
    await clock.advance(2_000)
    await turn
    expect(switched).toHaveBeenCalledTimes(1)
  })

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
    ['says no', () => false],
  ])('that %s ends the recovery with the error of the turn [RETRY-11, RETRY-3]', async (_what, handler) => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime(execute({ steps: { restart_agent: handler } }))
    const session = await orchestrator.open()
    const error = new SyntaxError('bad memory')
    expect(await rejection(session.runTurn(scripted(error)))).toBe(error)
    expect(sessionFacts().at(-1)).toBe('turns/failed')
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      {
        outcome: 'partial_recovery',
        recoveredSteps: ['clear_memory_cache'],
        remainingSteps: ['restart_agent'],
      },
    ])
  })

  it('is not waited for when the call is aborted, and hears of it [RETRY-14]', async () => {
    let signal: AbortSignal | undefined
    const hang = (step: { signal: AbortSignal }) => {
      signal = step.signal
      return new Promise<boolean>(() => undefined)
    }
    const { orchestrator, sessionFacts } = createTestRuntime(execute({ steps: { restart_agent: hang } }))
    const session = await orchestrator.open()
    const stop = new AbortController()
    const turn = rejection(session.runTurn(scripted(new SyntaxError('bad')), { signal: stop.signal }))
    await settle()
    stop.abort('enough')
    expect(await turn).toBe('enough')
    expect(signal?.aborted).toBe(true)
    expect(sessionFacts().slice(2)).toEqual(['turns/attemptFailed', 'turns/cancelled'])
  })
})

function fail(): never {
  throw new Error('the handler is broken')
}
