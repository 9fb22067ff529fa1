import { describe, expect, it } from 'vitest'
import { type AgentSession } from '../../src/index.js'
import { DRAFT } from '../support/runtime.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>, threadId = 't') => process.orchestrator.session(fn, { threadId })

describe('what sessions share', () => {
  const circuitBreaker = { name: 'api', failureThreshold: 1, recoveryTimeoutMs: 1_000 }
  const failing: Fn<unknown> = (session) => outcomeOf(session.runTurn(() => Promise.reject(new Error('no'))))

  it('an open breaker is still open, and for as long as was left [DUR-28]', async () => {
    const first = await startProcess({ orchestrator: { circuitBreaker } })
    await run(first, failing)
    const second = await first.crash()
    expect(second.runtime.select.breaker('api').state).toBe('open')
    expect(await outcomeOf(run(second, (session) => session.runTurn(never), 'u'))).toMatchObject({
      threw: { code: 'circuit_open' },
    })
    await second.clock.advance(1_000)
    expect(second.runtime.select.breaker('api').state).toBe('half_open')
  })

  it('a probe that was in flight frees its slot for another one [DUR-28]', async () => {
    const first = await startProcess({ orchestrator: { circuitBreaker } })
    await run(first, failing)
    await first.clock.advance(1_000)
    leave(run(first, (session) => session.runTurn(never), 'u'))
    await pass(first)
    expect(first.runtime.getState().breakers['api']?.probes).toHaveLength(1)
    const second = await first.crash()
    expect(second.runtime.getState().breakers['api']?.probes).toEqual([])
    expect(await run(second, (session) => session.runTurn(() => 'answered'), 'u')).toMatchObject({ value: 'answered' })
    expect(second.runtime.select.breaker('api').state).toBe('closed')
  })

  it('a rate limit has no more tokens than it had [DUR-28]', async () => {
    const rateLimit = { name: 'provider', requests: { capacity: 1, refillPerSecond: 0.5 } }
    const first = await startProcess({ orchestrator: { rateLimit } })
    await run(first, (session) => session.runTurn(() => 1))
    const second = await first.crash()
    let called = false
    const waiting = run(second, (session) => session.runTurn(() => (called = true)), 'u')
    await pass(second, 1_900)
    expect(called).toBe(false)
    await pass(second, 200)
    await waiting
    expect(called).toBe(true)
  })

  it('a key of a thread answers in the next process [DUR-28]', async () => {
    const first = await startProcess()
    await run(first, (session) => session.runTurn(() => 17, { ...DRAFT, idempotencyKey: 'order' }))
    const second = await first.crash()
    const editor = second.runtime.orchestrator({ role: 'editor', phase: 'review' })
    const again = (session: AgentSession) => session.runTurn(never, { ...DRAFT, idempotencyKey: 'order' })
    expect(await editor.session(again, { threadId: 't' })).toMatchObject({ value: 17, replayed: true })
  })
})
