import { describe, expect, it } from 'vitest'
import { appendTo, createFact, factsFor, readAll, readSeqs } from '../facts.js'
import { thrown, type Harness } from './harness.js'

export function describeAppending<Place>({ open }: Harness<Place>): void {
  describe('appending', () => {
    it('keeps facts in their order, as they are [STORE-1]', async () => {
      const log = await open()
      expect(log.head()).toBe(0)
      const facts = appendTo(log, 'a', 'b', 'a')
      expect(log.head()).toBe(3)
      expect(await readAll(log)).toEqual(facts)
    })

    it('takes several facts of one stream at once [STORE-1]', async () => {
      const log = await open()
      const facts = factsFor(0, 'a', 'a', 'a')
      log.append('a', facts, 0)
      await log.flush()
      expect(await readAll(log)).toEqual(facts)
      expect(log.head('a')).toBe(3)
    })

    it('takes no facts at all [STORE-1]', async () => {
      const log = await open()
      log.append('a', [])
      await log.flush()
      expect(log.head()).toBe(0)
      expect(await readAll(log)).toEqual([])
    })

    it('refuses another version of the stream than the one that is expected, and appends nothing [STORE-2]', async () => {
      const log = await open()
      const facts = appendTo(log, 'a', 'b', 'a')
      log.append('a', [], 2)
      for (const expectedVersion of [0, 1, 3]) {
        expect(thrown(() => log.append('a', [createFact(4)], expectedVersion))).toMatchObject({
          code: 'concurrent_writer',
          stream: 'a',
          expectedVersion,
          actualVersion: 2,
        })
      }
      expect(thrown(() => log.append('new', [createFact(4, 'new')], 1))).toMatchObject({
        stream: 'new',
        actualVersion: 0,
      })
      expect(log.head()).toBe(3)
      expect(log.head('a')).toBe(2)
      expect(log.head('new')).toBe(0)
      expect(await readAll(log)).toEqual(facts)
    })

    it('refuses facts that do not go on where the log ends [STORE-2]', async () => {
      const log = await open()
      const facts = appendTo(log, 'a', 'a')
      for (const seq of [1, 2, 4]) {
        expect(thrown(() => log.append('a', [createFact(seq)]))).toMatchObject({
          code: 'concurrent_writer',
          stream: null,
          expectedVersion: seq - 1,
          actualVersion: 2,
        })
      }
      expect(log.head()).toBe(2)
      expect(await readAll(log)).toEqual(facts)
      log.append('a', [createFact(3)], 2)
      expect(log.head('a')).toBe(3)
    })

    it('refuses facts with gaps, and those of another stream [STORE-2]', async () => {
      const log = await open()
      const [first, second, third] = factsFor(0, 'a', 'a', 'a')
      for (const wrong of [
        [first!, third!],
        [first!, second!, createFact(3, 'b')],
        [first!, first!],
      ]) {
        expect(thrown(() => log.append('a', wrong))).toMatchObject({ code: 'invalid_argument' })
      }
      expect(thrown(() => log.append('b', [first!]))).toMatchObject({ field: 'facts[0].meta', value: first!.meta })
      expect([log.head(), log.head('a'), log.head('b')]).toEqual([0, 0, 0])
      expect(await readAll(log)).toEqual([])
    })

    it('keeps any JSON in a payload: every script, line ends, quotes, keys of all kinds [STORE-3]', async () => {
      const log = await open()
      const texts = [
        'émoji 🧵👩‍👩‍👧',
        'a\nb\r\nc\td',
        '\u2028 \u2029 \u0000 \u007f \ufeff',
        '"\\/{}[],:',
        ',"crc":"00000000"}',
      ]
      const facts = texts.map((text, index) =>
        createFact(index + 1, 'a', { text, [text]: [text, { text }], n: -1.5e-7, none: null, yes: true }),
      )
      for (const fact of facts) log.append('a', [fact])
      await log.flush()
      expect(await readAll(log)).toEqual(facts)
    })

    it('keeps whatever else the meta of a fact holds [STORE-3]', async () => {
      const log = await open()
      const fact = createFact(1)
      const sealed = { ...fact, meta: { ...fact.meta, origin: 7, hash: 'a'.repeat(64), signature: 'b'.repeat(64) } }
      log.append('a', [sealed])
      await log.flush()
      expect(await readAll(log)).toEqual([sealed])
      expect(await readAll(log, { stream: 'a' })).toEqual([sealed])
    })

    it('keeps streams of any name apart [STORE-3]', async () => {
      const log = await open()
      const names = ['@session-1', '@runtime', 'user 42/ü🧵\n', '__proto__', 'constructor', "'; drop table facts; --"]
      appendTo(log, ...names, ...names)
      for (const [index, stream] of names.entries()) {
        expect(log.head(stream)).toBe(2)
        expect(await readSeqs(log, { stream })).toEqual([index + 1, index + 1 + names.length])
      }
    })
  })
}
