import { describe, expect } from 'vitest'
import { initialState, STATE_VERSION, type EventLog, type RuntimeState } from '../../../src/index.js'
import { appendTo, readAll, readSeqs } from '../facts.js'
import { isLack } from './fixture.js'
import type { Harness } from './harness.js'

export function describeSnapshots<Place>({ fixture, place, open, whenAble }: Harness<Place>): void {
  describe('snapshots', () => {
    const able = isLack(fixture.damageSnapshot) ? fixture.damageSnapshot : true
    const stateAt = (seq: number): RuntimeState => ({ ...initialState, seq })

    async function logWithSnapshot(): Promise<EventLog> {
      const log = await open()
      appendTo(log, 'a', 'b', 'a')
      await log.snapshots!.save({ seq: 3, stateVersion: STATE_VERSION, state: stateAt(3) })
      return log
    }

    whenAble(able, 'are found as they were saved, by this log and by the next [STORE-12]', async () => {
      const log = await open()
      expect(await log.snapshots!.load()).toBeUndefined()
      appendTo(log, 'a', 'b', 'a')
      const snapshot = { seq: 3, stateVersion: 'unicode 🧵', state: stateAt(3) }
      await log.snapshots!.save(snapshot)
      expect(await log.snapshots!.load()).toEqual(snapshot)
      const facts = appendTo(log, 'b')
      await log.close()
      const again = await open()
      expect(await again.snapshots!.load()).toEqual(snapshot)
      expect([again.head(), again.head('a'), again.head('b')]).toEqual([4, 2, 2])
      expect(await readAll(again, { from: 3 })).toEqual(facts)
      expect(await readSeqs(again)).toEqual([1, 2, 3, 4])
      expect(await readSeqs(again, { stream: 'b' })).toEqual([2, 4])
    })

    whenAble(able, 'take the place of those before [STORE-12]', async () => {
      const log = await logWithSnapshot()
      appendTo(log, 'a')
      await log.snapshots!.save({ seq: 4, stateVersion: STATE_VERSION, state: stateAt(4) })
      expect(await log.snapshots!.load()).toMatchObject({ seq: 4 })
      await log.close()
      expect(await (await open()).snapshots!.load()).toMatchObject({ seq: 4, state: { seq: 4 } })
    })

    whenAble(fixture.damageSnapshot, 'are ignored when they are damaged [STORE-13]', async (damage) => {
      const log = await logWithSnapshot()
      await log.close()
      await damage(place())
      const again = await open()
      expect(await again.snapshots!.load()).toBeUndefined()
      expect([again.head(), again.head('a'), again.head('b')]).toEqual([3, 2, 1])
      expect(await readSeqs(again)).toEqual([1, 2, 3])
    })
  })
}
