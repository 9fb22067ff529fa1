import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  GENESIS_HASH,
  loadState,
  LogUnavailableError,
  replay,
  verify,
  withHashChain,
  type Fact,
  type HashChainedLog,
} from '../../src/index.js'
import { toHex, utf8 } from '../../src/audit/bytes.js'
import { createSigner } from '../../src/audit/signer.js'
import { rejection } from '../support/runtime.js'
import { factsIn, recordInto } from './recorded.js'

const signingKey = 'a key of the tests'

function fact(seq: number, more: object = {}): Fact {
  return { type: 'breakers/reset', payload: { name: 'api' }, meta: { seq, at: 5, stream: '@runtime', v: 1, ...more } }
}

describe('a hash chain', () => {
  it('is the SHA-256 of the hash before and the canonical JSON of the fact, in hex [CHAIN-1]', async () => {
    const log = await withHashChain(createMemoryLog())
    log.append('@runtime', [fact(1), fact(2)])
    const [first, second] = await factsIn(log)
    const body = (seq: number) =>
      `{"meta":{"at":5,"seq":${seq},"stream":"@runtime","v":1},"payload":{"name":"api"},"type":"breakers/reset"}`
    const sha = async (text: string) => toHex(await crypto.subtle.digest('SHA-256', utf8(text)))
    expect(first?.meta.hash).toBe(await sha(`${GENESIS_HASH}${body(1)}`))
    expect(second?.meta.hash).toBe(await sha(`${first?.meta.hash}${body(2)}`))
    expect(second?.meta).not.toHaveProperty('signature')
  })

  it('signs each hash when it has a key [CHAIN-1]', async () => {
    const log = await withHashChain(createMemoryLog(), { signingKey })
    log.append('@runtime', [fact(1)])
    const [first] = await factsIn(log)
    expect(first!.meta.signature).toBe(await createSigner(signingKey).sign(first!.meta.hash!))
  })

  it('takes a key of bytes for the text that they are [CHAIN-1]', async () => {
    const log = await withHashChain(createMemoryLog(), { signingKey: utf8(signingKey) })
    await recordInto(log)
    expect(await verify(log, { signingKey })).toMatchObject({ valid: true, chain: 'signed' })
  })

  it('changes nothing for the runtime: its state is that of the facts [CHAIN-2]', async () => {
    const plain = createMemoryLog()
    const chained = await withHashChain(createMemoryLog(), { signingKey })
    const { state } = await recordInto(chained)
    expect((await recordInto(plain)).state).toStrictEqual(state)
    expect(replay(await factsIn(chained))).toStrictEqual(state)
    expect(await loadState(chained)).toStrictEqual(state)
    expect(chained.head()).toBe(plain.head())
    expect(chained.head('user-42:essay')).toBe(plain.head('user-42:essay'))
  })

  it('says what its last fact is [CHAIN-3]', async () => {
    const log = await withHashChain(createMemoryLog())
    expect(log.chain.head()).toBeNull()
    await recordInto(log)
    const { meta } = (await factsIn(log)).at(-1)!
    expect(log.chain.head()).toEqual({ seq: meta.seq, hash: meta.hash })
  })

  it('goes on where the log ends when it is opened again [CHAIN-4]', async () => {
    const store = createMemoryLog()
    const before = await withHashChain(store, { signingKey })
    before.append('@runtime', [fact(1), fact(2)])
    const after = await withHashChain(store, { signingKey })
    expect(after.chain.head()).toEqual(before.chain.head())
    after.append('@runtime', [fact(3)])
    expect(await verify(store, { signingKey, head: after.chain.head() })).toMatchObject({ facts: 3, chain: 'signed' })
  })

  it('seals anew what comes from another chain [CHAIN-1]', async () => {
    const source = await withHashChain(createMemoryLog(), { signingKey: 'another key' })
    await recordInto(source)
    const copy = await withHashChain(createMemoryLog())
    for (const one of await factsIn(source)) copy.append(one.meta.stream, [one])
    expect((await factsIn(copy)).some(({ meta }) => 'signature' in meta)).toBe(false)
    expect(copy.chain.head()).toEqual(source.chain.head())
    expect(await verify(copy)).toMatchObject({ valid: true, chain: 'hashed' })
  })

  it('stays where it is when the log takes no more', async () => {
    const store = createMemoryLog()
    let isFull = false
    const log = await withHashChain({
      ...store,
      append(...args) {
        if (isFull) throw new LogUnavailableError('failed')
        store.append(...args)
      },
    })
    log.append('@runtime', [fact(1)])
    const head = log.chain.head()
    isFull = true
    expect(() => log.append('@runtime', [fact(2)])).toThrow(LogUnavailableError)
    expect(log.chain.head()).toEqual(head)
  })

  it('refuses facts that do not go on from its last one, even when the log would take them [CHAIN-4]', async () => {
    const store = createMemoryLog()
    const log = await withHashChain(store)
    store.append('@runtime', [fact(1)])
    expect(() => log.append('@runtime', [fact(2)])).toThrow(
      expect.objectContaining({ code: 'concurrent_writer', stream: null, expectedVersion: 1, actualVersion: 0 }),
    )
    expect(store.head()).toBe(1)
  })

  it('passes on the version that a stream must have [CHAIN-2]', async () => {
    const log = await withHashChain(createMemoryLog())
    expect(() => log.append('a', [fact(1)], 4)).toThrow(expect.objectContaining({ stream: 'a', expectedVersion: 4 }))
    expect(log.chain.head()).toBeNull()
  })

  it('flushes, closes and caches states as the log does [CHAIN-2]', async () => {
    const called: string[] = []
    const snapshots = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() }
    const log = await withHashChain({
      ...createMemoryLog(),
      flush: () => Promise.resolve(void called.push('flush')),
      close: () => Promise.resolve(void called.push('close')),
      snapshots,
    })
    await log.flush()
    await log.close()
    expect(called).toEqual(['flush', 'close'])
    expect(log.snapshots).toBe(snapshots)
    expect(await withHashChain(createMemoryLog())).not.toHaveProperty('snapshots')
  })
})

describe('a hash chain refuses', () => {
  const chained = async (options = {}): Promise<HashChainedLog> => {
    const log = await withHashChain(createMemoryLog(), options)
    log.append('@runtime', [fact(1)])
    return log
  }

  it('a log that has facts and no chain [CHAIN-5]', async () => {
    const log = createMemoryLog()
    createAgentRuntime({ log }).registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
    expect(await rejection(withHashChain(log))).toMatchObject({ code: 'invalid_argument', field: 'log' })
  })

  it('a log that has forgotten its last fact [CHAIN-5]', async () => {
    const log = { ...createMemoryLog(), head: () => 3 }
    expect(await rejection(withHashChain(log))).toMatchObject({ code: 'invalid_argument', field: 'log' })
  })

  it.each<[string, object, object]>([
    ['another key than that of the log', { signingKey }, { signingKey: 'another key' }],
    ['no key for a signed log', { signingKey }, {}],
    ['a key for a log that is not signed', {}, { signingKey }],
  ])('%s [CHAIN-5]', async (_, written, given) => {
    const error = await rejection(withHashChain(await chained(written), given))
    expect(error).toMatchObject({ code: 'invalid_argument', field: 'signingKey', value: undefined })
    expect(String(error)).not.toContain('another key')
  })

  it.each([
    ['a blank key', { signingKey: '  ' }, 'signingKey'],
    ['an option that is not known', { key: signingKey }, 'key'],
  ])('%s, on an empty log too [CHAIN-5]', async (_, options, field) => {
    const error = await rejection(withHashChain(createMemoryLog(), options as never))
    expect(error).toMatchObject({ code: 'invalid_argument', field })
  })
})
