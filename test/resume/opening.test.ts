import { describe, expect, it } from 'vitest'
import { createAgentRuntime, createMemoryLog, facts, LogCorruptError, openAgentRuntime } from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'

describe('opening a runtime', () => {
  it('goes on with a log that has facts, and begins with one that has none [DUR-16]', async () => {
    const log = createMemoryLog()
    const first = await openAgentRuntime({ log })
    first.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
    expect(() => createAgentRuntime({ log })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field: 'log' }),
    )
    expect((await openAgentRuntime({ log })).getState()).toEqual(first.getState())
    expect(createAgentRuntime({ log: createMemoryLog() }).getState().seq).toBe(0)
  })

  it('refuses a log that is damaged [DUR-16]', async () => {
    const log = createMemoryLog()
    const fact = { ...facts.breakerReset({ name: 'x' }), meta: { seq: 1, at: 0, stream: '@runtime', v: 1 } }
    log.append('@runtime', [fact])
    const gap = {
      ...log,
      read: async function* () {
        await settle()
        yield { ...fact, meta: { ...fact.meta, seq: 3 } }
      },
    }
    expect(await rejection(openAgentRuntime({ log: gap }))).toBeInstanceOf(LogCorruptError)
  })
})
