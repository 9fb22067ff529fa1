import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createAuditChain,
  GENESIS_HASH,
  verifyAuditChain,
  type AuditHead,
  type AuditRecord,
  type VerifyOptions,
} from '../../src/index.js'
import { rejection } from '../support/runtime.js'

const SIGNING_KEY = 'a key'
const LENGTH = 6

let records: readonly AuditRecord[]
let head: AuditHead

beforeAll(async () => {
  const chain = createAuditChain({ signingKey: SIGNING_KEY })
  for (let index = 0; index < LENGTH; index += 1) {
    await chain.append({ eventType: 'agent.started', payload: { index, nested: { text: 'x' } } })
  }
  records = chain.records()
  head = chain.head()!
})

/** The chain as somebody without the key would make it. */
async function forge(contents: readonly AuditRecord[], from?: AuditHead): Promise<readonly AuditRecord[]> {
  const chain = createAuditChain({ head: from })
  for (const { eventType, payload, timestamp } of contents) await chain.append({ eventType, payload, timestamp })
  return chain.records()
}

describe('verification', () => {
  it('accepts what the chain made, whole and after it went through JSON', async () => {
    const options = { signingKey: SIGNING_KEY, requireGenesis: true, head }
    const expected = { valid: true, totalRecords: LENGTH, firstBadSequence: null }
    expect(await verifyAuditChain(records, options)).toEqual(expected)
    const stored = JSON.parse(JSON.stringify(records)) as AuditRecord[]
    expect(await verifyAuditChain(stored, options)).toEqual(expected)
  })

  it('reads records as they come, and no further than the first bad one [AUD-5]', async () => {
    let read = 0
    async function* stream() {
      for (const record of records) {
        read += 1
        yield record.sequence === 2 ? { ...record, eventType: 'agent.failed' } : record
      }
    }
    expect(await verifyAuditChain(stream())).toEqual({
      valid: false,
      totalRecords: 3,
      firstBadSequence: 2,
      problem: 'hash',
    })
    expect(read).toBe(3)
  })

  it('notices any change to any record, even by somebody who makes all hashes anew', async () => {
    const at = fc.nat({ max: LENGTH - 1 })
    const changed = (change: (record: AuditRecord) => object) =>
      at.map((index) =>
        records.map((record, position) => (position === index ? { ...record, ...change(record) } : record)),
      )
    const other = (hash: string) => `${hash.startsWith('0') ? '1' : '0'}${hash.slice(1)}`
    const tampering = fc.oneof(
      changed(({ payload }) => ({ payload: { ...payload, nested: { text: 'y' } } })),
      changed(({ payload }) => ({ payload: { ...payload, evil: 1 } })),
      changed(({ timestamp }) => ({ timestamp: timestamp.replace('Z', '+00:00') })),
      changed(({ eventType }) => ({ eventType: `${eventType} ` })),
      changed(({ sequence }) => ({ sequence: sequence + 1 })),
      changed(({ prevHash }) => ({ prevHash: other(prevHash) })),
      changed(({ recordHash }) => ({ recordHash: other(recordHash) })),
      changed(({ signature }) => ({ signature: other(signature ?? '') })),
      changed(() => ({ signature: undefined })),
      changed(() => ({ signature: null })),
      // One record less, one twice, and the first moved somewhere else.
      at.map((index) => records.filter((_, position) => position !== index)),
      at.map((index) => records.flatMap((record, position) => (position === index ? [record, record] : [record]))),
      fc.integer({ min: 1, max: LENGTH - 1 }).map((index) => {
        const [first, ...rest] = records
        return [...rest.slice(0, index), first!, ...rest.slice(index)]
      }),
    )
    await fc.assert(
      fc.asyncProperty(tampering, async (tampered) => {
        const kept = tampered as readonly AuditRecord[]
        const options = { requireGenesis: true, head }
        expect(await verifyAuditChain(kept, { ...options, signingKey: SIGNING_KEY })).toMatchObject({ valid: false })
        const rehashed = await forge(kept)
        expect(await verifyAuditChain(rehashed, { ...options, signingKey: SIGNING_KEY })).toMatchObject({
          valid: false,
        })
      }),
      { numRuns: 200 },
    )
  })

  const verdicts: readonly [string, () => unknown[] | Promise<unknown[]>, () => VerifyOptions, object][] = [
    [
      'a dropped prefix where the first record is required',
      () => records.slice(2),
      () => ({ requireGenesis: true }),
      { totalRecords: 1, firstBadSequence: 2, problem: 'link' },
    ],
    [
      'a record that is missing from the middle',
      () => records.filter(({ sequence }) => sequence !== 3),
      () => ({}),
      { totalRecords: 4, firstBadSequence: 4, problem: 'link' },
    ],
    [
      'a first record that claims another number',
      () => forge(records.slice(0, 2), { sequence: 4, recordHash: GENESIS_HASH }).then((forged) => [...forged]),
      () => ({}),
      { totalRecords: 1, firstBadSequence: 5, problem: 'link' },
    ],
    [
      'a number that is not the next, in a chain whose hashes fit',
      async () => {
        const [first] = await forge(records.slice(0, 1))
        const jumped = await forge(records.slice(1, 2), { sequence: 4, recordHash: first!.recordHash })
        return [first, ...jumped]
      },
      () => ({}),
      { totalRecords: 2, firstBadSequence: 5, problem: 'sequence' },
    ],
    [
      'records without a signature',
      async () => [...(await forge(records))],
      () => ({ signingKey: SIGNING_KEY }),
      { totalRecords: 1, firstBadSequence: 0, problem: 'signature' },
    ],
    [
      'another key',
      () => [...records],
      () => ({ signingKey: 'another key' }),
      { totalRecords: 1, firstBadSequence: 0, problem: 'signature' },
    ],
    [
      'records that end before the head that was kept',
      () => records.slice(0, 4),
      () => ({ head }),
      { totalRecords: 4, firstBadSequence: 4, problem: 'truncated' },
    ],
    [
      'no records at all where a head was kept',
      () => [],
      () => ({ head }),
      { totalRecords: 0, firstBadSequence: LENGTH - 1, problem: 'truncated' },
    ],
    [
      'another record in the place of the head',
      async () => [...(await forge(records))],
      () => ({ head: { ...head, recordHash: GENESIS_HASH } }),
      { totalRecords: LENGTH, firstBadSequence: LENGTH - 1, problem: 'head' },
    ],
    [
      'a purge that reaches beyond the head',
      () => records.slice(3),
      () => ({ head: { sequence: 1, recordHash: records[1]!.recordHash } }),
      { totalRecords: 1, firstBadSequence: 3, problem: 'head' },
    ],
    [
      'a chain that goes on from another record than the head',
      () => records.slice(2),
      () => ({ head: { sequence: 1, recordHash: GENESIS_HASH } }),
      { totalRecords: 1, firstBadSequence: 2, problem: 'head' },
    ],
  ]

  it.each(verdicts)('rejects %s [AUD-5]', async (_, kept, options, expected) => {
    const given = (await kept()) as readonly AuditRecord[]
    expect(await verifyAuditChain(given, options())).toEqual({ valid: false, ...expected })
  })

  it('accepts a dropped prefix, and one that ends with the head [AUD-6]', async () => {
    for (const from of [1, 3, LENGTH - 1]) {
      const { sequence, recordHash } = records[from - 1]!
      const options = { signingKey: SIGNING_KEY, head: { sequence, recordHash } }
      expect(await verifyAuditChain(records.slice(from), options)).toMatchObject({ valid: true })
    }
  })

  it('accepts records that were appended after the head was kept [AUD-6]', async () => {
    const { sequence, recordHash } = records[2]!
    expect(await verifyAuditChain(records, { head: { sequence, recordHash } })).toMatchObject({ valid: true })
  })

  it('accepts a dropped suffix when no head was kept [AUD-6]', async () => {
    expect(await verifyAuditChain(records.slice(0, 2), { head: null })).toMatchObject({ valid: true, totalRecords: 2 })
  })

  it('accepts an empty chain, first record required or not', async () => {
    const expected = { valid: true, totalRecords: 0, firstBadSequence: null }
    expect(await verifyAuditChain([], { requireGenesis: true })).toEqual(expected)
    expect(await verifyAuditChain([])).toEqual(expected)
  })

  it.each<[string, (record: AuditRecord) => unknown]>([
    ['nothing', () => null],
    ['text', (record) => JSON.stringify(record)],
    ['a number in words', (record) => ({ ...record, sequence: `${record.sequence}` })],
    ['a date for a timestamp', (record) => ({ ...record, timestamp: new Date(0) })],
    ['no event type', (record) => ({ ...record, eventType: undefined })],
    ['a payload that JSON would change', (record) => ({ ...record, payload: { ...record.payload, at: new Date(0) } })],
    ['a list for a payload', (record) => ({ ...record, payload: [record.payload] })],
    ['a hash in upper case', (record) => ({ ...record, recordHash: record.recordHash.toUpperCase() })],
    ['a short signature', (record) => ({ ...record, signature: record.signature?.slice(2) })],
  ])('calls a record malformed that is %s, and never throws [AUD-5]', async (_, spoil) => {
    const spoiled = records.map((record, index) => (index === 2 ? spoil(record) : record)) as AuditRecord[]
    expect(await verifyAuditChain(spoiled, { signingKey: SIGNING_KEY })).toEqual({
      valid: false,
      totalRecords: 3,
      firstBadSequence: 2,
      problem: 'malformed',
    })
  })

  it.each<[string, object]>([
    ['signingKey', { signingKey: '' }],
    ['requireGenesis', { requireGenesis: 'yes' }],
    ['head.recordHash', { head: { sequence: 1 } }],
    ['signinKey', { signinKey: 'a key' }],
    ['head', { head: 0 }],
  ])('names the option %s when that is not usable', async (field, options) => {
    expect(await rejection(verifyAuditChain([], options))).toMatchObject({ code: 'invalid_argument', field })
  })

  it.each([undefined, null, 5, {}])('takes no %s for records', async (given) => {
    expect(await rejection(verifyAuditChain(given as never))).toMatchObject({
      code: 'invalid_argument',
      field: 'records',
    })
  })
})
