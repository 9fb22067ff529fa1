import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { appendTo, createFact, factsFor, readAll, readSeqs } from '../../log/facts.js'
import { rejection } from '../../support/runtime.js'
import { Place } from './place.js'

describe('writing to an IndexedDB log', () => {
  let place: Place
  beforeEach(() => void (place = new Place()))
  afterEach(async () => {
    vi.restoreAllMocks()
    await place.remove()
  })

  it('writes all facts of a tick in one transaction that waits for the disk [IDB-5]', async () => {
    const log = await place.open()
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    appendTo(log, 'a', 'b', 'c')
    appendTo(log, 'a')
    const first = log.flush()
    appendTo(log, 'b')
    expect(log.flush()).toBe(first)
    await first
    expect(transaction.mock.calls).toEqual([[['blocks', 'streams'], 'readwrite', { durability: 'strict' }]])
    await log.close()
  })

  it('refuses a payload that is no JSON before it takes anything [IDB-5]', async () => {
    const log = await place.open()
    const [fact] = factsFor(0, 'a')
    expect(() => log.append('a', [fact!, createFact(2, 'a', { count: 1n })])).toThrow(TypeError)
    expect(log.head()).toBe(0)
    appendTo(log, 'a')
    await log.flush()
    expect(await readAll(log)).toEqual([fact])
    await log.close()
  })

  it('keeps a fact as it was when it was appended [IDB-5]', async () => {
    const log = await place.open()
    const payload = { list: [1] }
    log.append('a', [createFact(1, 'a', payload)])
    payload.list.push(2)
    expect(await readAll(log)).toEqual([createFact(1, 'a', { list: [1] })])
    await log.close()
  })

  it('makes way for who deletes the database, and is unavailable then [IDB-7]', async () => {
    const log = await place.open()
    appendTo(log, 'a')
    await log.flush()
    await place.remove()
    appendTo(log, 'a')
    const failed = { code: 'log_unavailable', reason: 'failed', cause: { name: 'InvalidStateError' } }
    expect(await rejection(Promise.resolve(log.flush()))).toMatchObject(failed)
    expect(await rejection(readAll(log))).toMatchObject(failed)
    expect(await rejection(log.close())).toMatchObject(failed)
    const later = await place.open()
    expect(later.head()).toBe(0)
    await later.close()
  })

  it('is fenced where there are no locks, when another writer has appended [IDB-4]', async () => {
    vi.spyOn(Navigator.prototype, 'locks', 'get').mockReturnValue(undefined as never)
    const first = await place.open()
    const second = await place.open()
    const kept = appendTo(first, 'a', 'b')
    await first.flush()
    appendTo(second, 'other')
    expect(await rejection(Promise.resolve(second.flush()))).toMatchObject({
      code: 'log_unavailable',
      reason: 'failed',
      cause: { code: 'concurrent_writer', stream: null, expectedVersion: 0, actualVersion: 2 },
    })
    kept.push(...appendTo(first, 'a'))
    await first.close()
    await rejection(second.close())
    const later = await place.open()
    expect(await readAll(later)).toEqual(kept)
    await later.close()
  })

  it('takes a snapshot of its head only [IDB-10]', async () => {
    const log = await place.open()
    appendTo(log, 'a', 'a')
    const save = log.snapshots.save({ seq: 1, stateVersion: '1', state: { seq: 1 } as never })
    expect(await rejection(save)).toMatchObject({ code: 'invalid_argument', field: 'snapshot.seq', value: 1 })
    await log.close()
  })

  it('can be written while somebody reads [IDB-11]', async () => {
    const log = await place.open()
    for (let count = 0; count < 300; count += 1) {
      appendTo(log, 'a')
      await log.flush()
    }
    const seen: number[] = []
    for await (const { meta } of log.read()) {
      seen.push(meta.seq)
      if (meta.seq !== 100) continue
      // A transaction that reads would hold this up for ever.
      appendTo(log, 'b')
      await log.flush()
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
    expect(await readSeqs(log, { stream: 'b' })).toEqual([301])
    await log.close()
  })
})
