import { describe, expect, it } from 'vitest'
import { createMemoryLog, openAgentRuntime } from '../src/index.js'
import { createTestRuntime } from './support/runtime.js'

describe('a log in memory', () => {
  it('gives out facts that nobody can change [FACT-11]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    await orchestrator.session((session) => session.runTurn(() => 1, { usage: { inputTokens: 7 } }))
    const [first] = runtime.log.facts()
    expect(() => Object.assign(first!, { type: 'other' })).toThrow(TypeError)
    for (const { meta, payload } of runtime.log.facts()) {
      expect(Object.isFrozen(meta)).toBe(true)
      expect(Object.isFrozen(payload)).toBe(true)
      for (const part of Object.values(payload as object)) expect(Object.isFrozen(part)).toBe(true)
    }
  })

  it('gives out lists of their own', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const before = runtime.log.facts()
    await orchestrator.open()
    expect(runtime.log.facts()).toHaveLength(before.length + 1)
    expect(runtime.log.facts('@session-1').map(({ type }) => type)).toEqual(['sessions/opened'])
  })

  it('keeps the latest facts when it has a capacity', () => {
    const log = createMemoryLog({ capacity: 3 })
    for (let seq = 1; seq <= 50; seq += 1) {
      log.append('a', [{ type: 'turns/refused', payload: {}, meta: { seq, at: 0, stream: 'a', v: 1 } }])
      expect(log.facts().map(({ meta }) => meta.seq)).toEqual([seq - 2, seq - 1, seq].filter((kept) => kept > 0))
    }
  })

  it('refuses an append that expects another version of its stream', () => {
    const log = createMemoryLog()
    log.append('a', [{ type: 'turns/refused', payload: {}, meta: { seq: 1, at: 0, stream: 'a', v: 1 } }], 0)
    expect(() => log.append('a', [], 0)).toThrow('stream a is at version 1, expected 0')
    expect(log.head('a')).toBe(1)
  })
})

describe('a log in memory that is opened from facts', () => {
  const stored = [1, 2].map((seq) => ({
    type: 'turns/refused',
    payload: { reason: 'budget_exceeded' },
    meta: { seq, at: 7, stream: 'a', v: 1 },
  }))
  const opened = (facts: readonly unknown[]) => () => createMemoryLog({ facts: facts as typeof stored })

  it('holds a copy of them, and goes on where they end', () => {
    const log = createMemoryLog({ facts: stored })
    expect(log.facts()).toEqual(stored)
    expect(stored.some((fact) => Object.isFrozen(fact))).toBe(false)
    expect([log.head(), log.head('a')]).toEqual([2, 2])
    log.append('a', [{ type: 'turns/refused', payload: {}, meta: { seq: 3, at: 8, stream: 'a', v: 1 } }], 2)
    expect(log.head()).toBe(3)
  })

  it('is opened by a runtime, which goes on with them', async () => {
    const first = createTestRuntime()
    await first.orchestrator.session((session) => session.runTurn(() => 1, { usage: { inputTokens: 7 } }))
    const log = createMemoryLog({ facts: first.runtime.log.facts() })
    const second = await openAgentRuntime({ log })
    expect(second.getState()).toEqual(first.runtime.getState())
  })

  it.each([
    ['is not recorded', [{ type: 'turns/refused', payload: {} }], 'facts[0].meta must be what a log stamps on a fact'],
    ['is no fact', ['turns/refused'], 'facts[0] must be a recorded fact'],
    ['is missing', stored.slice(1), 'facts[0].meta.seq must be 1, got 2'],
    ['has no payload', [{ ...stored[0], payload: null }], 'facts[0].payload must be an object'],
    ['has no time', [{ ...stored[0], meta: { ...stored[0]?.meta, at: NaN } }], 'facts[0].meta.at must be a number'],
    ['is not JSON', [{ ...stored[0], payload: { f: () => 1 } }], 'facts must be facts of JSON'],
  ])('refuses them when one %s', (_name, facts, message) => expect(opened(facts)).toThrow(message))
})
