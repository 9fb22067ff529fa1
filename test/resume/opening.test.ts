import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  facts,
  fork,
  LogCorruptError,
  openAgentRuntime,
  verify,
  withHashChain,
} from '../../src/index.js'
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

  it('refuses sealed facts that nobody would go on sealing, and so does a fork [DUR-16, FORK-10]', async () => {
    const log = createMemoryLog()
    const sealed = await withHashChain(log)
    const first = await openAgentRuntime({ log: sealed })
    await first.orchestrator({ role: 'writer', phase: 'draft' }).session(() => 1, { threadId: 'essay' })
    const refusal = { code: 'invalid_argument', field: 'log' }
    expect(await rejection(openAgentRuntime({ log }))).toMatchObject(refusal)
    expect(await rejection(fork(log, { threadId: 'essay', as: 'again' }))).toMatchObject(refusal)
    await fork(sealed, { threadId: 'essay', as: 'again' })
    expect(await verify(log)).toMatchObject({ valid: true, chain: 'hashed' })
    expect((await openAgentRuntime({ log: await withHashChain(log) })).select.thread('again')?.turns.started).toBe(0)
  })
})
