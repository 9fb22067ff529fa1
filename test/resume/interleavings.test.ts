import { describe, expect, it } from 'vitest'
import type { AgentSession } from '../../src/index.js'
import { deferred } from '../support/runtime.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>) => process.orchestrator.session(fn, { threadId: 't' })

async function left(fn: Fn<unknown>): Promise<TestProcess> {
  const first = await startProcess()
  leave(run(first, fn))
  await pass(first)
  return first.crash()
}

const hanging: Fn<unknown> = (session) => session.runTurn(never)

describe('a session that is parked', () => {
  it('has no answers of what its function does about that [DUR-21]', async () => {
    const first = await startProcess()
    const seen: unknown[] = []
    const tidy: Fn<unknown> = async (session) => {
      try {
        return await session.step('work', never)
      } finally {
        seen.push(session.now(), session.random(), await outcomeOf(session.sleep(5)))
      }
    }
    leave(run(first, tidy))
    await pass(first)
    await first.runtime.drain({ timeoutMs: 0 })
    await pass(first)
    expect(seen).toEqual([expect.any(Number), expect.any(Number), { threw: expect.anything() as unknown }])
    expect(first.factTypes()).not.toContain('calls/answered')
    expect(await run(await first.crash(), (session) => session.step('work', () => 'done'))).toBe('done')
  })

  it('stays as it is when somebody begins anew while the runtime goes down [DUR-18]', async () => {
    const second = await left(hanging)
    await second.runtime.drain({ timeoutMs: 0 })
    const anew = second.orchestrator.session(never, { threadId: 't', resume: false })
    expect(await outcomeOf(anew)).toMatchObject({ threw: { code: 'runtime_draining' } })
    expect(second.factTypes()).not.toContain('sessions/cancelled')
    expect(await run(await second.crash(), async () => 'taken up')).toBe('taken up')
  })
})

describe('a thread whose function began anew while it ran', () => {
  it('returns what the later one returns, though the earlier one returns after that begins [DUR-17]', async () => {
    const process = await startProcess()
    const [early, late] = [deferred<string>(), deferred<string>()]
    const earlier = run(process, () => early.promise)
    const later = process.orchestrator.session(() => late.promise, { threadId: 't', resume: false })
    early.resolve('earlier')
    expect(await earlier).toBe('earlier')
    expect(await outcomeOf(run(process, never))).toMatchObject({
      threw: { code: 'thread_busy', sessionId: 'session-2' },
    })
    late.resolve('later')
    expect(await later).toBe('later')
    expect(await run(await process.crash(), never)).toBe('later')
  })
})

describe('questions that were never answered', () => {
  it('wait with one timer for all of them, until the function has asked for nothing for a second [DUR-9]', async () => {
    const second = await left(async (session) => [await session.step('a', () => 1), await session.step('b', never)])
    const ended = run(second, (session) => Promise.all([1, 2, 3].map((nth) => session.step(`new ${nth}`, never))))
    leave(ended)
    await pass(second, 0)
    expect(second.clock.pendingTimers).toBe(1)
    await pass(second, 1_000)
    expect(await outcomeOf(ended)).toMatchObject({ threw: { code: 'replay_divergence', expected: { name: 'a' } } })
    expect(second.clock.pendingTimers).toBe(0)
  })
})
