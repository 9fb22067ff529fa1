import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAuditChain, GENESIS_HASH, verifyAuditChain, type AuditEntry } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'

const DAY_MS = 86_400_000
const entry: AuditEntry = { eventType: 'usage.recorded', payload: { model: 'your-model' } }

describe('an audit chain', () => {
  it('numbers records from 0 and links each to the hash of the one before it [AUD-1]', async () => {
    const chain = createAuditChain({ clock: createManualClock(Date.UTC(2026, 0, 16)) })
    const first = await chain.append(entry)
    const second = await chain.append({ ...entry, timestamp: '2026-01-16T09:30:00.250+02:00' })
    expect(first).toEqual({
      sequence: 0,
      timestamp: '2026-01-16T00:00:00.000Z',
      eventType: 'usage.recorded',
      payload: { model: 'your-model' },
      prevHash: GENESIS_HASH,
      recordHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(second).toMatchObject({
      sequence: 1,
      timestamp: '2026-01-16T09:30:00.250+02:00',
      prevHash: first.recordHash,
    })
    expect(chain.records()).toEqual([first, second])
  })

  it('hashes the canonical JSON behind the previous hash, and signs that hash [AUD-2]', async () => {
    const chain = createAuditChain({ signingKey: 'clé' })
    const timestamp = '2026-01-16T00:00:00Z'
    const { recordHash, signature } = await chain.append({
      eventType: 'agent.failed',
      payload: { b: [1.5, null, { z: 'é\u2028"', a: true }], '10': 0, '9': {}, B: '🙂' },
      timestamp,
    })
    const payload = '{"10":0,"9":{},"B":"🙂","b":[1.5,null,{"a":true,"z":"é\u2028\\""}]}'
    const canonical = `{"event_type":"agent.failed","payload":${payload},"prev_hash":"${GENESIS_HASH}","sequence":0,"timestamp":"${timestamp}"}`
    expect(recordHash).toBe(createHash('sha256').update(`${GENESIS_HASH}${canonical}`).digest('hex'))
    expect(signature).toBe(createHmac('sha256', 'clé').update(recordHash).digest('hex'))
  })

  it('takes the bytes of a key, and is not changed by what becomes of them [AUD-2]', async () => {
    const bytes = new TextEncoder().encode('a key')
    const chain = createAuditChain({ signingKey: bytes })
    bytes.fill(0)
    await chain.append(entry)
    expect(await verifyAuditChain(chain.records(), { signingKey: 'a key' })).toMatchObject({ valid: true })
    expect(await verifyAuditChain(chain.records(), { signingKey: bytes })).toMatchObject({ problem: 'signature' })
  })

  it('gives equal payloads equal hashes, whatever the order of their keys', async () => {
    const hashOf = async (payload: AuditEntry['payload']) =>
      (await createAuditChain().append({ ...entry, payload, timestamp: '2026-01-16T00:00:00Z' })).recordHash
    expect(await hashOf({ a: 1, b: { c: 2, d: 3 } })).toBe(await hashOf({ b: { d: 3, c: 2 }, a: 1 }))
    expect(await hashOf({ a: 1 })).not.toBe(await hashOf({ a: 2 }))
  })

  it('seals entries of many appenders one after the other, in the order of the calls [AUD-1]', async () => {
    const chain = createAuditChain({ signingKey: 'a key' })
    const append = (appender: string, turn: number) => chain.append({ eventType: appender, payload: { turn } })
    const calls = Array.from({ length: 40 }, (_, turn) => append(turn % 3 === 0 ? 'billing' : 'agents', turn))
    const sealed = await Promise.all(calls)
    expect(sealed.map(({ payload }) => payload['turn'])).toEqual(sealed.map((_, turn) => turn))
    expect(chain.records()).toEqual(sealed)
    expect(await verifyAuditChain(sealed, { signingKey: 'a key', requireGenesis: true })).toEqual({
      valid: true,
      totalRecords: 40,
      firstBadSequence: null,
    })
  })

  it('seals an entry as it was when it was appended [AUD-1]', async () => {
    const chain = createAuditChain()
    const payload = { amounts: [1] }
    const appended = chain.append({ eventType: 'usage.recorded', payload })
    payload.amounts.push(2)
    const { payload: sealed } = await appended
    expect(sealed).toEqual({ amounts: [1] })
    expect(Object.isFrozen(sealed['amounts'])).toBe(true)
    expect(Object.isFrozen(chain.records()[0])).toBe(true)
    expect(await verifyAuditChain(chain.records())).toMatchObject({ valid: true })
  })

  it('hands out its records in a list of their own', async () => {
    const chain = createAuditChain()
    await chain.append(entry)
    ;(chain.records() as unknown[]).length = 0
    expect(chain.records()).toHaveLength(1)
  })

  it('has for its head the last record that was sealed, or nothing [AUD-3]', async () => {
    const chain = createAuditChain()
    expect(chain.head()).toBeNull()
    await chain.append(entry)
    const { sequence, recordHash } = await chain.append(entry)
    expect(chain.head()).toEqual({ sequence, recordHash })
    expect(Object.isFrozen(chain.head())).toBe(true)
  })

  it('goes on from a last record as from the head that it is', async () => {
    const record = await createAuditChain().append(entry)
    const { sequence, recordHash } = record
    const chain = createAuditChain({ head: record })
    expect(chain.head()).toEqual({ sequence, recordHash })
    expect(await verifyAuditChain([record, await chain.append(entry)], { head: record })).toMatchObject({ valid: true })
  })

  it('goes on from the head of a chain that is kept elsewhere [AUD-3]', async () => {
    const earlier = createAuditChain()
    await earlier.append(entry)
    await earlier.append(entry)
    const chain = createAuditChain({ head: earlier.head()! })
    expect(chain.head()).toEqual(earlier.head())
    expect(await chain.append(entry)).toMatchObject({ sequence: 2, prevHash: earlier.head()?.recordHash })
    const all = [...earlier.records(), ...chain.records()]
    expect(await verifyAuditChain(all, { requireGenesis: true })).toMatchObject({ valid: true, totalRecords: 3 })
  })

  it.each<[string, Partial<AuditEntry>]>([
    ['eventType', { eventType: ' ' }],
    ['timestamp', { timestamp: 'yesterday' }],
    ['timestamp', { timestamp: '2026-01-16' }],
    ['timestamp', { timestamp: '2026-13-16T00:00:00Z' }],
    ['timestamp', { timestamp: '2026-02-30T00:00:00Z' }],
    ['timestamp', { timestamp: '2026-01-16T24:00:00Z' }],
    ['timestamp', { timestamp: '2026-01-16T00:00:00+99:00' }],
    ['timestamp', { timestamp: 5 as never }],
    ['timeStamp', { timeStamp: '2026-01-16T00:00:00Z' } as never],
    ['payload', { payload: [] as never }],
    ['payload.usage.at', { payload: { usage: { at: new Date(0) as never } } }],
  ])('names %s when that is not usable, and goes on as if it had not been given [AUD-1]', async (field, bad) => {
    const chain = createAuditChain()
    const rejected = rejection(chain.append({ ...entry, ...bad }))
    const { sequence } = await chain.append(entry)
    expect(await rejected).toMatchObject({ code: 'invalid_argument', field })
    expect(sequence).toBe(0)
  })

  it('says that an entry is none', async () => {
    const chain = createAuditChain()
    for (const entry of [undefined, null, 'agent.failed']) {
      expect(await rejection(chain.append(entry as never))).toMatchObject({ code: 'invalid_argument', field: 'entry' })
    }
  })

  it('takes the 29th of February where there is one', async () => {
    const chain = createAuditChain()
    expect(await chain.append({ ...entry, timestamp: '2028-02-29T23:59:59.5-00:30' })).toMatchObject({ sequence: 0 })
    expect(await rejection(chain.append({ ...entry, timestamp: '2027-02-29T23:59:59Z' }))).toMatchObject({
      field: 'timestamp',
    })
  })

  it.each<[string, object]>([
    ['signinKey', { signinKey: 'a key' }],
    ['clock.now', { clock: {} }],
    ['head', { head: 'latest' }],
    ['signingKey', { signingKey: '' }],
    ['signingKey', { signingKey: '  ' }],
    ['signingKey', { signingKey: new Uint8Array() }],
    ['signingKey', { signingKey: null }],
    ['head.sequence', { head: { sequence: -1, recordHash: GENESIS_HASH } }],
    ['head.recordHash', { head: { sequence: 0, recordHash: 'abc' } }],
  ])('names the option %s when that is not usable', (field, options) => {
    expect(() => createAuditChain(options)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('a purge', () => {
  /** Records 10 days apart, the last of them now. */
  async function chainOf(count: number) {
    const clock = createManualClock(Date.UTC(2026, 0, 1))
    const chain = createAuditChain({ clock })
    for (let index = 0; index < count; index += 1) {
      if (index > 0) await clock.advance(10 * DAY_MS)
      await chain.append({ eventType: 'agent.started', payload: { index } })
    }
    return { chain, clock }
  }

  it('drops the records that are older, and the chain goes on [AUD-4]', async () => {
    const { chain } = await chainOf(22)
    expect(await chain.purge({ olderThanDays: 200 })).toBe(1)
    expect(chain.records()[0]).toMatchObject({ sequence: 1 })
    await chain.append(entry)
    expect(chain.records().at(-1)).toMatchObject({ sequence: 22 })
    expect(await verifyAuditChain(chain.records())).toMatchObject({ valid: true, totalRecords: 22 })
    expect(await verifyAuditChain(chain.records(), { requireGenesis: true })).toMatchObject({ problem: 'link' })
  })

  it('that drops everything leaves the head, from which the sequence goes on', async () => {
    const { chain, clock } = await chainOf(3)
    const head = chain.head()
    await clock.advance(400 * DAY_MS)
    expect(await chain.purge({ olderThanDays: 365 })).toBe(3)
    expect([chain.records(), chain.head()]).toEqual([[], head])
    expect(await chain.append(entry)).toMatchObject({ sequence: 3, prevHash: head?.recordHash })
    expect(await verifyAuditChain(chain.records(), { head })).toMatchObject({ valid: true })
    expect(await verifyAuditChain(chain.records(), { requireGenesis: true })).toMatchObject({ valid: false })
  })

  it('keeps older records behind a younger one: what is left has no gaps [AUD-4]', async () => {
    const clock = createManualClock(Date.UTC(2027, 0, 1))
    const chain = createAuditChain({ clock })
    for (const year of [2025, 2026, 2024]) {
      await chain.append({ ...entry, timestamp: `${year}-12-01T00:00:00Z` })
    }
    expect(await chain.purge({ olderThanDays: 183 })).toBe(1)
    expect(chain.records().map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(await chain.purge({ olderThanDays: 183 })).toBe(0)
  })

  it('waits for what is being appended', async () => {
    const clock = createManualClock(Date.UTC(2027, 0, 1))
    const chain = createAuditChain({ clock })
    const appended = chain.append({ ...entry, timestamp: '2025-01-01T00:00:00Z' })
    expect(await chain.purge({ olderThanDays: 183 })).toBe(1)
    await appended
    expect(chain.records()).toEqual([])
  })

  it.each([182.9, -1, NaN, Infinity, '200' as never])('is refused for %s days [AUD-4]', async (olderThanDays) => {
    const { chain } = await chainOf(1)
    expect(await rejection(chain.purge({ olderThanDays }))).toMatchObject({
      code: 'invalid_argument',
      field: 'olderThanDays',
    })
  })
})
