import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rendezvous } from '../sagas/rendezvous.js'
import { settle } from '../src/testing/index.js'

/** Whether a promise has settled, and with what. */
function watch<T>(promise: Promise<T>): { settled?: { readonly value: T } } {
  const watched: { settled?: { readonly value: T } } = {}
  void promise.then((value) => (watched.settled = { value }))
  return watched
}

describe('a rendezvous', () => {
  it('hands an item to who waits for it, and keeps its maker until the next one is asked for', async () => {
    const meeting = new Rendezvous<string>()
    const first = watch(meeting.take())
    const made = watch(meeting.offer('a'))
    await settle()
    expect(first.settled).toEqual({ value: 'a' })
    expect(made.settled).toBeUndefined()
    const second = watch(meeting.take())
    await settle()
    expect(made.settled).toBeDefined()
    expect(second.settled).toBeUndefined()
  })

  it('holds an item until somebody asks for it', async () => {
    const meeting = new Rendezvous<string>()
    const made = watch(meeting.offer('a'))
    expect(await meeting.take()).toBe('a')
    await settle()
    expect(made.settled).toBeUndefined()
  })

  it('lets the maker of an item go when another one takes its place', async () => {
    const meeting = new Rendezvous<string>()
    const [handed, replaced] = [watch(meeting.offer('a')), meeting.take()]
    await replaced
    const second = watch(meeting.offer('b'))
    const third = watch(meeting.offer('c'))
    await settle()
    expect([handed.settled, second.settled, third.settled].map(Boolean)).toEqual([true, true, false])
    expect(await meeting.take()).toBe('c')
  })

  it('that is closed lets everybody go, now and later', async () => {
    const offering = new Rendezvous<string>()
    const made = watch(offering.offer('a'))
    const taking = new Rendezvous<string>()
    const taken = watch(taking.take())
    for (const meeting of [offering, taking]) {
      meeting.close()
      meeting.close()
      await meeting.offer('b')
      expect(await meeting.take()).toBeUndefined()
    }
    expect(made.settled).toBeDefined()
    expect(taken.settled).toEqual({ value: undefined })
  })

  it('hands over everything in order, and nothing that was not asked for', async () => {
    const pauses = fc.array(fc.nat(3), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(pauses, pauses, async (makerPauses, takerPauses) => {
        const meeting = new Rendezvous<number>()
        let asked = 0
        let made = 0
        let isAhead = false
        const make = async (): Promise<void> => {
          for (const [index, pause] of makerPauses.entries()) {
            made += 1
            isAhead ||= made > asked + 1
            await meeting.offer(index)
            await turns(pause)
          }
          meeting.close()
        }
        const taken: number[] = []
        const take = async (): Promise<void> => {
          for (let turn = 0; ; turn += 1) {
            asked += 1
            const item = await meeting.take()
            if (item === undefined) return
            taken.push(item)
            await turns(takerPauses[turn] ?? 0)
          }
        }
        await Promise.all([make(), take()])
        expect(taken).toEqual(makerPauses.map((_, index) => index))
        expect(isAhead).toBe(false)
      }),
    )
  })
})

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}
