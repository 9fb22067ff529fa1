import { describe, expect, it } from 'vitest'
import { createMemoryLog } from '../src/index.js'
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
