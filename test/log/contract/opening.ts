import { describe, expect, it } from 'vitest'
import { initialState, type EventLog, type Fact } from '../../../src/index.js'
import { rejection } from '../../support/runtime.js'
import { appendTo, createFact, readAll } from '../facts.js'
import { thrown, type Harness } from './harness.js'

export function describeOpening<Place>({ fixture, place, open, keep, whenAble }: Harness<Place>): void {
  describe('closing', () => {
    it('may be done twice [STORE-7]', async () => {
      const log = await open()
      appendTo(log, 'a')
      await Promise.all([log.close(), log.close()])
      await log.close()
    })

    whenAble(fixture.closing, 'ends appends and flushes [STORE-7]', async () => {
      const log = await open()
      appendTo(log, 'a')
      await log.close()
      const closed = { code: 'log_unavailable', reason: 'closed' }
      expect(thrown(() => log.append('a', [createFact(2)]))).toMatchObject(closed)
      expect(await rejection(Promise.resolve(log.flush()))).toMatchObject(closed)
      expect(log.head()).toBe(1)
    })
  })

  describe('opening again', () => {
    whenAble(fixture.reopen, 'finds everything, and goes on [STORE-8]', async (reopen) => {
      const log = await open()
      const facts = appendTo(log, 'a', 'b', 'a')
      await log.close()
      const again = await keep(reopen(place()))
      expect([again.head(), again.head('a'), again.head('b'), again.head('c')]).toEqual([3, 2, 1, 0])
      expect(thrown(() => again.append('a', [createFact(3)]))).toMatchObject({ actualVersion: 3 })
      facts.push(...appendTo(again, 'b'))
      expect(await readAll(again)).toEqual(facts)
      await again.close()
      const third = await keep(reopen(place()))
      expect(await readAll(third)).toEqual(facts)
      expect(third.head('b')).toBe(2)
    })

    whenAble(fixture.reopen, 'finds an empty log empty [STORE-8]', async (reopen) => {
      const log = await open()
      await log.close()
      const again = await keep(reopen(place()))
      expect(again.head()).toBe(0)
      expect(await readAll(again)).toEqual([])
      appendTo(again, 'a')
      await again.flush()
    })

    whenAble(fixture.openReadOnly, 'for reading only, refuses to append [STORE-9]', async (openReadOnly) => {
      const log = await open()
      const facts = appendTo(log, 'a', 'b')
      await log.close()
      const reader = await keep(openReadOnly(place()))
      expect(await readAll(reader)).toEqual(facts)
      expect(reader.head('b')).toBe(1)
      const readOnly = { code: 'log_unavailable', reason: 'read_only' }
      expect(thrown(() => reader.append('a', [createFact(3)]))).toMatchObject(readOnly)
      expect(reader.head()).toBe(2)
      await reader.flush()
      await reader.close()
    })

    whenAble(fixture.openReadOnly, 'for reading only, disturbs no writer [STORE-9]', async (openReadOnly) => {
      const log = await open()
      const facts = appendTo(log, 'a', 'b')
      await log.flush()
      const reader = await keep(openReadOnly(place()))
      facts.push(...appendTo(log, 'a', 'c'))
      await log.flush()
      await log.snapshots?.save({ seq: 4, stateVersion: '1', state: initialState })
      // It sees the log as it was when it was opened.
      expect([reader.head(), reader.head('a'), reader.head('c')]).toEqual([2, 1, 0])
      expect(await readAll(reader)).toEqual(facts.slice(0, 2))
      expect(await readAll(reader, { stream: 'a' })).toEqual(facts.slice(0, 1))
      expect(await reader.snapshots?.load()).toBeUndefined()
      await reader.close()
      expect(await readAll(log)).toEqual(facts)
    })

    whenAble(fixture.makeNewer, 'is refused when a later version wrote it [STORE-10]', async (makeNewer) => {
      const log = await open()
      appendTo(log, 'a')
      await log.close()
      await makeNewer(place())
      expect(await rejection(keep(fixture.open(place())))).toMatchObject({ code: 'log_version' })
    })
  })

  describe('a second writer', () => {
    whenAble(fixture.openSecond, 'is fenced: a fact that is acknowledged is kept [STORE-11]', async (openSecond) => {
      const first = await open()
      const facts = appendTo(first, 'a')
      await first.flush()
      const second = await refusable(() => openSecond(place()))
      if (second) await keep(second)
      const acknowledged = await Promise.all([
        acknowledge(first, createFact(2, 'first')),
        ...(second ? [acknowledge(second, createFact(2, 'second'))] : []),
      ])
      facts.push(...acknowledged.flat())
      expect(facts).toHaveLength(2)
      await first.close().catch(() => undefined)
      await second?.close().catch(() => undefined)
      expect(await readAll(await open())).toEqual(facts)
    })
  })
}

/** The log, unless opening it is refused because it has a writer. */
async function refusable(open: () => EventLog | Promise<EventLog>): Promise<EventLog | undefined> {
  try {
    return await open()
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(log_locked|concurrent_writer)$/) as unknown })
    return undefined
  }
}

/** The fact, if the log says that it is durable. */
async function acknowledge(log: EventLog, fact: Fact): Promise<Fact[]> {
  try {
    log.append(fact.meta.stream, [fact])
    await log.flush()
    return [fact]
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(log_unavailable|concurrent_writer)$/) as unknown })
    return []
  }
}
