import { describe, expect, it } from 'vitest'
import { appendTo, readAll, readSeqs } from '../facts.js'
import type { Harness } from './harness.js'

export function describeReading<Place>({ open }: Harness<Place>): void {
  describe('reading', () => {
    it('goes on from any position of the log and of a stream [STORE-4]', async () => {
      const log = await open()
      const facts = appendTo(log, ...Array.from({ length: 30 }, (_, index) => ['a', 'b', 'a', 'c'][index % 4]!))
      await log.flush()
      for (let from = 0; from <= 31; from += 1) {
        expect(await readAll(log, { from })).toEqual(facts.slice(from))
        for (const stream of ['a', 'b', 'c', 'none']) {
          const ofStream = facts.filter(({ meta }) => meta.stream === stream)
          expect(await readAll(log, { stream, from })).toEqual(ofStream.slice(from))
        }
      }
    })

    it('may be left early, and begun again [STORE-4]', async () => {
      const log = await open()
      appendTo(log, 'a', 'b', 'a')
      for await (const { meta } of log.read()) if (meta.seq === 2) break
      expect(await readSeqs(log)).toEqual([1, 2, 3])
    })

    it('knows how many facts there are, in the log and in a stream [STORE-4]', async () => {
      const log = await open()
      appendTo(log, 'a', 'b', 'a')
      expect([log.head(), log.head('a'), log.head('b'), log.head('c')]).toEqual([3, 2, 1, 0])
      await log.flush()
      expect([log.head(), log.head('a'), log.head('b'), log.head('c')]).toEqual([3, 2, 1, 0])
    })

    it('finds facts that are not durable yet [STORE-5]', async () => {
      const log = await open()
      appendTo(log, 'a')
      await log.flush()
      appendTo(log, 'b', 'a')
      expect(await readSeqs(log)).toEqual([1, 2, 3])
      appendTo(log, 'a')
      expect(await readSeqs(log, { stream: 'a', from: 1 })).toEqual([3, 4])
    })
  })

  describe('flushing', () => {
    it('is shared by those who wait at the same time [STORE-6]', async () => {
      const log = await open()
      appendTo(log, 'a')
      const first = log.flush()
      appendTo(log, 'b')
      expect(log.flush()).toBe(first)
      await first
      appendTo(log, 'a')
      const waits = [log.flush(), log.flush(), log.flush()]
      for (const wait of waits) await wait
      expect(await readSeqs(log)).toEqual([1, 2, 3])
    })

    it('goes on while facts arrive [STORE-6]', async () => {
      const log = await open()
      const waits: Promise<void>[] = []
      for (let round = 0; round < 20; round += 1) {
        appendTo(log, 'a', 'b')
        waits.push(Promise.resolve(log.flush()))
        await Promise.resolve()
      }
      await Promise.all(waits)
      expect(await readSeqs(log)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    })

    it('waits for nothing when nothing was appended [STORE-6]', async () => {
      const log = await open()
      await log.flush()
      expect(log.head()).toBe(0)
    })
  })
}
