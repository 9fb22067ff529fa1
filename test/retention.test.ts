import { describe, expect, it } from 'vitest'
import { createMemoryLog, NotFoundError } from '../src/index.js'
import { createTestRuntime, DRAFT, rejection } from './support/runtime.js'

describe('ended sessions', () => {
  it('are kept up to a number, then evicted by a fact, oldest first [SESS-18]', async () => {
    const { orchestrator, runtime, factTypes } = createTestRuntime({}, { retainEndedSessions: 2 })
    for (let run = 0; run < 5; run += 1) await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    expect(['session-1', 'session-2', 'session-3'].map((id) => runtime.select.session(id))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(runtime.select.session('session-4')?.lifecycle.status).toBe('completed')
    expect(factTypes().filter((type) => type === 'sessions/evicted')).toHaveLength(3)
    expect(runtime.getState().sessions.evicted).toEqual({ completed: 3, failed: 0, cancelled: 0 })
  })

  it('stay in the totals when they are gone [SESS-18, SEL-2]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 9 }, { retainEndedSessions: 0 })
    for (let run = 0; run < 3; run += 1) await orchestrator.session((session) => session.runTurn(() => 1, DRAFT))
    expect(runtime.select.totals()).toMatchObject({ turns: 3, costUsd: 0.099 })
    expect(runtime.select.totals(9)).toMatchObject({ turns: 3, costUsd: 0.099 })
    expect(() => runtime.select.summary('session-1')).toThrow(NotFoundError)
    expect(() => runtime.cancelSession('session-1')).toThrow(NotFoundError)
  })

  it('refuse to be used, evicted or not [SESS-12, SESS-18]', async () => {
    const { orchestrator } = createTestRuntime({}, { retainEndedSessions: 0 })
    const session = await orchestrator.open()
    await session.complete()
    expect(session.status).toBe('evicted')
    expect(await rejection(session.runTurn(() => 1))).toMatchObject({ code: 'session_ended', status: 'evicted' })
    await session.cancel()
  })

  it('leave running ones and waiting workers alone [RUN-9]', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { retainEndedSessions: 0 })
    const running = await orchestrator.open()
    await orchestrator.session((session) => session.handoffTo('editor', { reason: 'r' }))
    expect(runtime.listActive().map(({ id, role }) => [id, role])).toEqual([
      [running.id, 'writer'],
      ['session-3', 'editor'],
    ])
  })
})

describe('a memory log', () => {
  it('keeps every fact, by stream [FACT-1, FACT-2, FACT-10]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    await orchestrator.session((session) => session.runTurn(() => 1), { threadId: 'user-42:essay' })
    await orchestrator.session(() => 1)
    expect(runtime.log.facts('user-42:essay').map(({ type }) => type)).toEqual([
      'sessions/opened',
      'turns/started',
      'turns/completed',
      'sessions/completed',
    ])
    expect(runtime.log.facts('@session-2')).toHaveLength(2)
    expect(runtime.log.head('user-42:essay')).toBe(4)
    const read = []
    for await (const fact of runtime.log.read({ stream: 'user-42:essay', from: 2 })) read.push(fact.type)
    expect(read).toEqual(['turns/completed', 'sessions/completed'])
    expect(runtime.log.facts().map(({ meta }) => meta.seq)).toEqual(runtime.log.facts().map((_, index) => index + 1))
  })

  it('keeps only the latest when it is given a capacity [FACT-11]', async () => {
    const { orchestrator, runtime } = createTestRuntime({}, { log: createMemoryLog({ capacity: 3 }) })
    for (let run = 0; run < 4; run += 1) await orchestrator.session(() => 1)
    expect(runtime.log.facts().map(({ type }) => type)).toEqual([
      'sessions/completed',
      'sessions/opened',
      'sessions/completed',
    ])
    expect(runtime.log.head('@session-1')).toBe(0)
  })

  it('refuses an append that expects another version [FACT-10]', () => {
    const log = createMemoryLog()
    log.append('a', [], 0)
    expect(() => log.append('a', [], 3)).toThrow(
      expect.objectContaining({ code: 'concurrent_writer', stream: 'a', expectedVersion: 3, actualVersion: 0 }),
    )
  })

  it.each([0, -1, 2.5])('of capacity %d is refused [FACT-11]', (capacity) => {
    expect(() => createMemoryLog({ capacity })).toThrow(expect.objectContaining({ field: 'capacity' }))
  })

  it('with an option that is not known is refused', () => {
    expect(() => createMemoryLog({ size: 5 } as never)).toThrow('size is not a known option, known are capacity')
  })
})
